/** Signing in and out over HTTP, and what a user does about its own account. */
import { formatRfc3339, reply, z } from '@heldar/plugin-sdk';
import { credentialOf } from '../../auth/credential.ts';
import { nameOf, type Caller } from '../../auth/caller.ts';
import { passwordProblem, type Passwords } from '../../auth/passwords.ts';
import { roles } from '../../auth/permissions.ts';
import { signIn } from '../../auth/sign-in.ts';
import type { SignInThrottle } from '../../auth/throttle.ts';
import { hashToken, kindOfToken } from '../../auth/token.ts';
import type { Clock } from '../../clock.ts';
import { HeldarError } from '../../errors.ts';
import type { AccessQueries, Session, User } from '../../store/access-queries.ts';
import type { Store } from '../../store/store.ts';
import { usernameKey } from '../../store/users.ts';
import type { Client } from '../client-address.ts';
import { kernelRoute, type KernelRoute } from '../kernel-route.ts';
import { sessionCookieText } from '../session-cookie.ts';

export interface AuthRoutesOptions {
  readonly queries: AccessQueries;
  readonly store: Pick<Store, 'write'>;
  readonly passwords: Passwords;
  readonly throttle: SignInThrottle;
  readonly clock: Clock;
  readonly sessionHours: number;
  readonly cookieSecure: boolean;
}

export const roleSchema = z.enum(roles).meta({ id: 'Role' });

export const userOutput = z
  .object({
    id: z.string(),
    username: z.string(),
    role: roleSchema,
    display_name: z.string().nullable(),
    active: z.boolean(),
    camera_ids: z.array(z.string()).nullable(),
    created_at: z.string(),
    updated_at: z.string(),
  })
  .meta({ id: 'User' });

export function userView(user: User): z.infer<typeof userOutput> {
  return {
    id: user.id,
    username: user.username,
    role: roleSchema.parse(user.role),
    display_name: user.displayName,
    active: user.active,
    camera_ids: user.cameras === null ? null : [...user.cameras],
    created_at: formatRfc3339(user.createdAt),
    updated_at: formatRfc3339(user.updatedAt),
  };
}

const loginBody = z.object({ username: z.string(), password: z.string() }).meta({ id: 'LoginRequest' });
const loginOutput = z
  .object({ token: z.string(), expires_at: z.string(), user: userOutput })
  .meta({ id: 'LoginResult' });
const principalOutput = z
  .object({
    id: z.string(),
    name: z.string(),
    role: roleSchema,
    kind: z.enum(['user', 'api_key', 'system']),
    camera_ids: z.array(z.string()).nullable(),
  })
  .meta({ id: 'Principal' });
const passwordBody = z
  .object({ current_password: z.string(), new_password: z.string() })
  .meta({ id: 'PasswordChange' });
export const sessionOutput = z
  .object({
    id: z.string(),
    current: z.boolean(),
    created_at: z.string(),
    expires_at: z.string(),
    last_used_at: z.string(),
    address: z.string().nullable(),
    user_agent: z.string().nullable(),
  })
  .meta({ id: 'Session' });

const hourMs = 3_600_000;
/** Who fails to sign in. */
const nobody = { id: 'anonymous', name: 'anonymous', role: null } as const;
/** Of what only people have. */
const noAccount = { 403: { description: 'A key and the system have no account.' } } as const;
const own = { none: "about the caller's own account", limited: 'serve' } as const;

export function authRoutes(options: AuthRoutesOptions): KernelRoute[] {
  const { queries, store, passwords, throttle, clock, sessionHours } = options;
  const cookie = (token: string, { isSecure }: Client) => sessionCookieText(token, { ...options, isSecure });
  const cookieHeader = { 'set-cookie': 'The session, for browsers.' };

  return [
    kernelRoute.post('/api/v1/auth/login', {
      summary: 'A name and a password for a session. Works whether or not sign-in is demanded',
      capability: 'public',
      scope: { none: 'nobody is signed in yet' },
      audit: { action: 'login', target: 'user' },
      body: loginBody,
      replies: {
        200: { description: 'Signed in', schema: loginOutput, headers: cookieHeader },
        401: { description: 'The name or the password is wrong, or the user is switched off.' },
        429: {
          description: 'Too many failures of this name at this address, or of this address.',
          headers: { 'retry-after': 'Seconds to wait.' },
        },
      },
      async handle({ body, headers, client, audit, acting }) {
        const attempt = throttle.begin(usernameKey(body.username.trim()), client.address);
        const { token, expiresAt, user } = await signIn(
          { queries, store, passwords, clock, lifetimeMs: sessionHours * hourMs },
          {
            ...body,
            address: client.address,
            userAgent: headers['user-agent'] ?? null,
            audit: ({ id, role, ...names }) => audit(id, { as: { id, role, name: nameOf(names) } }),
            // What was typed is not kept: people type passwords where the name belongs.
            onRefused: (named) => acting(named?.id ?? null, { action: 'login_failed', as: nobody }),
          },
        );
        attempt.succeeded();
        const result = { token, expires_at: formatRfc3339(expiresAt), user: userView(user) };
        return reply({
          headers: {
            'content-type': 'application/json',
            'set-cookie': cookie(token, client),
          },
          body: JSON.stringify(result),
        });
      },
    }),
    kernelRoute.post('/api/v1/auth/logout', {
      summary: 'End the session that is presented, if any. An API key is not affected',
      capability: 'public',
      scope: { none: 'about the session that is presented' },
      audit: { none: 'each session tells when it ended; only those who end others are written down' },
      replies: { 204: { description: 'Signed out', headers: cookieHeader } },
      async handle({ headers, client }) {
        const token = credentialOf(headers)?.token;
        if (token !== undefined && kindOfToken(token) === 'session')
          await store.write('user-sessions.end', { tokenHash: hashToken(token) });
        return reply({ status: 204, headers: { 'set-cookie': cookie('', client) } });
      },
    }),
    kernelRoute.get('/api/v1/auth/me', {
      summary: 'Who calls',
      capability: 'authenticated',
      scope: own,
      output: principalOutput,
      handle: ({ principal, caller }) => ({
        ...principal,
        camera_ids: caller.cameras === null ? null : [...caller.cameras],
      }),
    }),
    kernelRoute.post('/api/v1/auth/password', {
      summary: "Change the caller's own password; ends its other sessions",
      capability: 'authenticated',
      scope: own,
      audit: { action: 'change_password', target: 'user' },
      replies: noAccount,
      body: passwordBody,
      async handle({ body, caller, client, audit }) {
        const user = userOf(queries, caller);
        const attempt = throttle.begin(usernameKey(user.username), client.address);
        if (!(await passwords.matches(user.passwordHash, body.current_password)))
          throw new HeldarError('bad_request', 'current_password: it is not the password of this account');
        attempt.succeeded();
        const columns = { passwordHash: await hashed(passwords, body.new_password, 'new_password') };
        await store.write(
          'users.update',
          { id: user.id, columns, ...(caller.session === null ? {} : { keepSession: caller.session }) },
          audit(user.id),
        );
      },
    }),
    kernelRoute.get('/api/v1/auth/sessions', {
      summary: "The caller's own sessions, newest first",
      capability: 'authenticated',
      scope: own,
      replies: noAccount,
      output: z.array(sessionOutput),
      handle({ caller }) {
        return sessionsView(queries, userOf(queries, caller), caller, clock.now());
      },
    }),
    kernelRoute.delete('/api/v1/auth/sessions/:id', {
      summary: "End one of the caller's own sessions",
      capability: 'authenticated',
      scope: own,
      audit: { action: 'end_session', target: 'session' },
      replies: noAccount,
      params: z.object({ id: z.string() }),
      async handle({ params: { id }, caller, audit }) {
        const user = userOf(queries, caller);
        const ended = { id, userId: user.id };
        if (!(await store.write('user-sessions.end', ended, audit(id, { detail: { user_id: user.id } }))))
          throw new HeldarError('not_found', `session ${id} not found`);
      },
    }),
  ];
}

/** @throws HeldarError `forbidden` for a key and for the system, which have no account. */
function userOf(queries: AccessQueries, { principal }: Caller) {
  const user = principal.kind === 'user' ? queries.userById(principal.id) : undefined;
  if (user === undefined)
    throw new HeldarError('forbidden', 'only a user who is signed in has an account; sign in');
  return user;
}

/** @throws HeldarError `bad_request` naming the field. */
export async function hashed(passwords: Passwords, password: string, field: string): Promise<string> {
  const problem = passwordProblem(password);
  if (problem !== null) throw new HeldarError('bad_request', `${field}: ${problem}`);
  return await passwords.hash(password);
}

/** Those of a user that last, newest first; one of them may be the caller's. */
export function sessionsView(
  queries: AccessQueries,
  { id }: Pick<User, 'id'>,
  caller: Caller,
  now: number,
): z.infer<typeof sessionOutput>[] {
  const current = caller.session === null ? undefined : queries.sessionByToken(caller.session)?.id;
  return queries.sessionsOf(id, now).map((session) => sessionView(session, current));
}

function sessionView(session: Session, current: string | undefined): z.infer<typeof sessionOutput> {
  return {
    id: session.id,
    current: session.id === current,
    created_at: formatRfc3339(session.createdAt),
    expires_at: formatRfc3339(session.expiresAt),
    last_used_at: formatRfc3339(session.lastUsedAt),
    address: session.address,
    user_agent: session.userAgent,
  };
}
