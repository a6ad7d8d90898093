/** How a name and a password become a session. */
import type { Clock } from '../clock.ts';
import { HeldarError } from '../errors.ts';
import { newId } from '../ids.ts';
import type { AccessQueries, User, UserWithPassword } from '../store/access-queries.ts';
import type { Store } from '../store/store.ts';
import type { NewAudit } from '../store/units.ts';
import type { Passwords } from './passwords.ts';
import { isRole } from './permissions.ts';
import { mintToken } from './token.ts';

export interface SignedIn {
  readonly token: string;
  /** ms since the epoch. */
  readonly expiresAt: number;
  readonly user: User;
}

export interface SignInOptions {
  readonly queries: AccessQueries;
  readonly store: Pick<Store, 'write'>;
  readonly passwords: Passwords;
  readonly clock: Pick<Clock, 'now'>;
  readonly lifetimeMs: number;
}

export interface SignInRequest {
  readonly username: string;
  readonly password: string;
  readonly address: string | null;
  readonly userAgent: string | null;
  /** The row that goes along with the session. */
  readonly audit: (user: User) => NewAudit;
  /** Before it is refused; `user`: whose name was given, if anybody's. */
  readonly onRefused: (user: User | undefined) => Promise<void>;
}

/** Of what a browser calls itself, what is kept. */
const longestUserAgent = 256;

/** @throws HeldarError `unauthenticated`, the same whatever is wrong; `busy` when too many sign in at once. */
export async function signIn(options: SignInOptions, request: SignInRequest): Promise<SignedIn> {
  const { queries, passwords } = options;
  const user = queries.userByName(request.username.trim());
  const matches = await passwords.matches(user?.passwordHash ?? null, request.password);
  if (user === undefined || !matches || !user.active || !isRole(user.role)) {
    await request.onRefused(user);
    throw refused();
  }
  return await beginSession(options, user, request);
}

/** For whoever has shown who they are. @throws HeldarError `unauthenticated` when the account has changed meanwhile. */
export async function beginSession(
  { store, clock, lifetimeMs }: Pick<SignInOptions, 'store' | 'clock' | 'lifetimeMs'>,
  user: UserWithPassword,
  request: Pick<SignInRequest, 'address' | 'userAgent' | 'audit'>,
): Promise<SignedIn> {
  const { token, hash } = mintToken('session');
  const now = clock.now();
  const expiresAt = now + lifetimeMs;
  const session = {
    id: newId('ses', now),
    tokenHash: hash,
    userId: user.id,
    passwordHash: user.passwordHash,
    expiresAt,
    address: request.address,
    userAgent: request.userAgent?.slice(0, longestUserAgent) ?? null,
  };
  const hasBegun = await store.write('user-sessions.begin', session, request.audit(user));
  if (!hasBegun) throw refused();
  return { token, expiresAt, user };
}

function refused(): HeldarError {
  return new HeldarError('unauthenticated', 'invalid credentials');
}
