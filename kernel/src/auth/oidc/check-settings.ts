/** Is sign-in at another server set up, and can it work? */
import { isLoopback } from '../../config/loopback.ts';
import type { Settings } from '../../config/settings.ts';
import { HeldarError } from '../../errors.ts';
import { isRole, roles as allRoles, type Role } from '../permissions.ts';

export interface OidcSettings {
  readonly issuer: string;
  readonly clientId: string;
  /** null: a public client, which has PKCE alone. */
  readonly clientSecret: string | null;
  /** Where the provider sends browsers back to. */
  readonly redirectUrl: string;
  readonly scopes: readonly string[];
  readonly roleClaim: string;
  /** Role by group, in order of precedence. */
  readonly roles: ReadonlyMap<string, Role>;
  /** Of who is in none of these groups; null: is not let in. */
  readonly defaultRole: Role | null;
}

export const callbackPath = '/api/v1/auth/oidc/callback';

/** null: it is not set up. @throws HeldarError `config_invalid` naming the variable. */
export function checkOidc({ oidc, publicUrl }: Pick<Settings, 'oidc' | 'publicUrl'>): OidcSettings | null {
  const { issuer, clientId, clientSecret, scopes, roleClaim } = oidc;
  if (issuer === null) return null;
  if (clientId === null)
    throw invalid('HELDAR_OIDC_CLIENT_ID', 'is missing: as what the sign-in server knows this site');
  if (publicUrl === null)
    throw invalid(
      'HELDAR_PUBLIC_URL',
      'is missing: where browsers reach this server, as https://nvr.example.org',
    );
  const server = urlOf('HELDAR_OIDC_ISSUER', issuer);
  if (server.protocol !== 'https:' && !isLoopback(server.hostname.replaceAll(/[[\]]/g, '')))
    throw invalid(
      'HELDAR_OIDC_ISSUER',
      'has to begin with https://, for whoever is between could sign in as anybody',
    );
  if (!scopes.includes('openid')) throw invalid('HELDAR_OIDC_SCOPES', `lacks 'openid'`);
  const roles = new Map(oidc.roles.map(roleByGroup));
  const defaultRole = oidc.defaultRole === null ? null : roleOf('HELDAR_OIDC_DEFAULT_ROLE', oidc.defaultRole);
  if (roles.size === 0 && defaultRole === null)
    throw invalid(
      'HELDAR_OIDC_ROLES',
      'gives nobody a role, and HELDAR_OIDC_DEFAULT_ROLE neither: nobody could sign in',
    );
  const redirectUrl = new URL(callbackPath, urlOf('HELDAR_PUBLIC_URL', publicUrl)).href;
  return { issuer, clientId, clientSecret, redirectUrl, scopes, roleClaim, roles, defaultRole };
}

/** The first of the groups, as the settings have them, that gives one. */
export function roleFor({ roles, defaultRole }: OidcSettings, groups: readonly string[]): Role | null {
  for (const [group, role] of roles) if (groups.includes(group)) return role;
  return defaultRole;
}

function roleByGroup(entry: string): [string, Role] {
  const at = entry.lastIndexOf('=');
  if (at < 1) throw invalid('HELDAR_OIDC_ROLES', `holds '${entry}', which is no group=role`);
  return [entry.slice(0, at), roleOf('HELDAR_OIDC_ROLES', entry.slice(at + 1))];
}

function roleOf(variable: string, text: string): Role {
  if (isRole(text)) return text;
  throw invalid(variable, `names the role '${text}'; there are ${allRoles.join(', ')}`);
}

function urlOf(variable: string, text: string): URL {
  const url = URL.parse(text);
  if (url?.protocol === 'https:' || url?.protocol === 'http:') return url;
  throw invalid(variable, 'is no URL');
}

function invalid(variable: string, problem: string): HeldarError {
  return new HeldarError('config_invalid', `${variable} ${problem}`);
}
