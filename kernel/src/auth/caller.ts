/** Who makes a request, and what may they see and do? */
import type { Capability, Principal } from '@heldar/plugin-sdk';
import type { IncomingHttpHeaders } from 'node:http';
import type { Clock } from '../clock.ts';
import { HeldarError } from '../errors.ts';
import type { AccessQueries, ApiKey, SessionWithUser, User } from '../store/access-queries.ts';
import type { Store } from '../store/store.ts';
import { credentialOf } from './credential.ts';
import { isRole, mayUse, systemPrincipal } from './permissions.ts';
import { hashToken, kindOfToken } from './token.ts';

/** Which credential a caller came with, by what is kept of it. */
export type CredentialName =
  { readonly kind: 'session' | 'key'; readonly hash: string } | { readonly kind: 'system' };

export interface Caller {
  readonly principal: Principal;
  /** The ids of the cameras the caller is limited to; null: not limited. */
  readonly cameras: readonly string[] | null;
  /** Of a session, its token's hash: what "this one" is in a list of them. */
  readonly session: string | null;
  readonly credential: CredentialName;
  may(capability: Capability): boolean;
}

export interface Callers {
  /** @throws HeldarError `unauthenticated` when auth is on and the request carries no credential that is good. */
  callerOf(headers: IncomingHttpHeaders): Caller;
  /** Who holds that credential now. @throws HeldarError `unauthenticated` when it is good no longer. */
  callerNamed(credential: CredentialName): Caller;
}

export interface CallersOptions {
  readonly queries: AccessQueries;
  readonly store: Pick<Store, 'write'>;
  readonly clock: Pick<Clock, 'now'>;
  /** Off: a request without a good credential is the system's; one with a good one is its owner's all the same. */
  readonly enabled: boolean;
  /** A session not used for longer is over, ms; 0: however long. */
  readonly idleMs: number;
  onError(error: unknown): void;
}

/** Use is noted no more often: each note is a write. */
const noteEveryMs = 60_000;

const system: Caller = {
  principal: systemPrincipal,
  cameras: null,
  session: null,
  credential: { kind: 'system' },
  may: (capability) => mayUse(systemPrincipal.role, capability),
};

export function createCallers(options: CallersOptions): Callers {
  const { queries, store, clock, enabled, idleMs } = options;

  const note = (lastUsedAt: number | null, write: () => Promise<unknown>) => {
    if (lastUsedAt !== null && clock.now() - lastUsedAt < noteEveryMs) return;
    write().catch((error: unknown) => options.onError(error));
  };

  const ofSession = (tokenHash: string): Caller | null => {
    const session = queries.sessionByToken(tokenHash);
    if (session === undefined) return null;
    if (isOver(session, clock.now(), idleMs)) {
      store.write('user-sessions.end', { tokenHash }).catch((error: unknown) => options.onError(error));
      return null;
    }
    const caller = callerOfUser(session.user, tokenHash);
    if (caller !== null) note(session.lastUsedAt, () => store.write('user-sessions.touch', { tokenHash }));
    return caller;
  };

  const ofKey = (hash: string): Caller | null => {
    const key = queries.keyByToken(hash, clock.now());
    const caller = key === undefined ? null : callerOfKey(key, hash, clock.now());
    if (key !== undefined && caller !== null)
      note(key.lastUsedAt, () => store.write('keys.touch', { id: key.id }));
    return caller;
  };

  const named = (credential: CredentialName): Caller | null => {
    if (credential.kind === 'system') return enabled ? null : system;
    return credential.kind === 'key' ? ofKey(credential.hash) : ofSession(credential.hash);
  };

  return {
    callerOf(headers) {
      const token = credentialOf(headers)?.token ?? null;
      const caller = token === null ? null : named({ kind: kindOfToken(token), hash: hashToken(token) });
      if (caller !== null) return caller;
      if (!enabled) return system;
      throw new HeldarError(
        'unauthenticated',
        token === null ? 'authentication required' : 'invalid or expired credentials',
      );
    },
    callerNamed(credential) {
      const caller = named(credential);
      if (caller === null) throw new HeldarError('unauthenticated', 'invalid or expired credentials');
      return caller;
    },
  };
}

function isOver({ expiresAt, lastUsedAt }: SessionWithUser, now: number, idleMs: number): boolean {
  return expiresAt <= now || (idleMs > 0 && now - lastUsedAt > idleMs + noteEveryMs);
}

function callerOfUser(user: User, session: string): Caller | null {
  const { id, role } = user;
  if (!user.active || !isRole(role)) return null;
  return {
    principal: { id, name: nameOf(user), role, kind: 'user' },
    cameras: user.cameras,
    session,
    credential: { kind: 'session', hash: session },
    may: (capability) => mayUse(role, capability),
  };
}

export function nameOf({ displayName, username }: Pick<User, 'displayName' | 'username'>): string {
  return displayName === null || displayName.trim() === '' ? username : displayName;
}

function callerOfKey(key: ApiKey, hash: string, now: number): Caller | null {
  const { id, name, role, grants } = key;
  if (!key.active || !isRole(role) || (key.expiresAt !== null && key.expiresAt <= now)) return null;
  return {
    principal: { id, name, role, kind: 'api_key' },
    cameras: key.cameras,
    session: null,
    credential: { kind: 'key', hash },
    may: (capability) => mayUse(role, capability) && (grants === null || grants.includes(capability)),
  };
}
