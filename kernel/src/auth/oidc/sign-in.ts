/** How somebody who signs in at another server gets a session here. */
import { newAudit } from '../../audit/new-audit.ts';
import type { Clock } from '../../clock.ts';
import { HeldarError } from '../../errors.ts';
import { newId } from '../../ids.ts';
import type { Keyring } from '../../secrets/keyring.ts';
import { openJson, sealJson } from '../../secrets/sealed-json.ts';
import type { AccessQueries, User, UserWithPassword } from '../../store/access-queries.ts';
import type { Store } from '../../store/store.ts';
import type { NewAudit } from '../../store/units.ts';
import { systemPrincipal } from '../permissions.ts';
import { beginSession, type SignedIn } from '../sign-in.ts';
import { roleFor, type OidcSettings } from './check-settings.ts';
import { createProvider, type Claims, type Errand } from './provider.ts';

export interface Return {
  readonly address: string | null;
  readonly userAgent: string | null;
  /** As the provider sent it. */
  readonly query: URLSearchParams;
  /** Of the cookie that was set on the way there. */
  readonly errand: string | undefined;
  /** The row that goes along with the session. */
  readonly audit: (user: User) => NewAudit;
}

export interface FederatedSignIn {
  readonly isSecure: boolean;
  /** Where to send the browser, and what it has to bring back. `returnTo`: a path of this server. */
  begin(returnTo: string): Promise<{ readonly url: string; readonly errand: string }>;
  /** @throws HeldarError `unauthenticated`, `forbidden` for who has no role here, `conflict` for a name that is taken, `gateway`. */
  finish(back: Return): Promise<SignedIn & { readonly returnTo: string }>;
}

/** For reading and typing at the other server, ms. */
export const errandMs = 600_000;
const place = 'oidc errand';

interface Remembered extends Errand {
  readonly returnTo: string;
  /** ms since the epoch. */
  readonly until: number;
}

export function createFederatedSignIn(options: {
  readonly settings: OidcSettings;
  readonly queries: AccessQueries;
  readonly store: Pick<Store, 'write'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly keyring: Keyring;
  readonly lifetimeMs: number;
}): FederatedSignIn {
  const { settings, clock, keyring } = options;
  const provider = createProvider(settings);
  return {
    isSecure: settings.redirectUrl.startsWith('https:'),
    async begin(returnTo) {
      const { url, errand } = await provider.begin();
      const remembered: Remembered = { ...errand, returnTo, until: clock.now() + errandMs };
      return { url, errand: sealJson(keyring, remembered, place) };
    },
    async finish({ query, errand, ...request }) {
      const remembered = errand === undefined ? null : openJson<Remembered>(keyring, errand, place);
      if (remembered === null || remembered.until <= clock.now())
        throw new HeldarError(
          'unauthenticated',
          'this sign-in was not begun here, or too long ago; begin it again',
        );
      const claims = await provider.finish(query, remembered);
      const user = await enroll(options, claims);
      if (!user.active)
        throw new HeldarError('forbidden', 'this account is switched off; ask an administrator');
      return { ...(await beginSession(options, user, request)), returnTo: remembered.returnTo };
    },
  };
}

/** Makes the account at the first sign-in; later its role follows its groups. */
async function enroll(
  { settings, queries, store, clock }: Parameters<typeof createFederatedSignIn>[0],
  { subject, username, displayName, groups }: Claims,
): Promise<UserWithPassword> {
  const { issuer } = settings;
  const role = roleFor(settings, groups);
  if (role === null)
    throw new HeldarError(
      'forbidden',
      `${username} is in no group that may use this site; ask an administrator`,
    );
  const now = clock.now();
  const id = newId('usr', now);
  const user = { id, issuer, subject, username, displayName, role };
  const audit = newAudit(now, systemPrincipal, {
    action: 'federate_user',
    targetType: 'user',
    targetId: null,
    detail: { issuer, subject, role },
  });
  // Answers null when the account stood as it should: then nothing is noted.
  await store.write('users.federate', user, audit);
  const known = queries.userBySubject(issuer, subject);
  if (known === undefined) throw new HeldarError('unauthenticated', 'the account was removed meanwhile');
  return known;
}
