/** Accounts of people over HTTP, for administrators. */
import { z } from '@heldar/plugin-sdk';
import type { Passwords } from '../../auth/passwords.ts';
import { isRole, roles, type Role } from '../../auth/permissions.ts';
import type { Clock } from '../../clock.ts';
import { HeldarError } from '../../errors.ts';
import { newId } from '../../ids.ts';
import type { AccessQueries, User } from '../../store/access-queries.ts';
import type { Store } from '../../store/store.ts';
import type { UserColumns } from '../../store/users.ts';
import { kernelRoute, type KernelRoute } from '../kernel-route.ts';
import { hashed, sessionOutput, sessionsView, userOutput, userView } from './auth.ts';

export interface UserRoutesOptions {
  readonly queries: AccessQueries;
  readonly store: Pick<Store, 'write'>;
  readonly passwords: Passwords;
  readonly clock: Clock;
  /** Is there a camera of that id? */
  readonly cameraExists: (id: string) => boolean;
}

const params = z.object({ id: z.string() });
const sessionParams = z.object({ id: z.string(), session: z.string() });
const cameraIds = z.array(z.string()).nullish();
const createBody = z
  .object({
    username: z.string(),
    password: z.string(),
    role: z.string().nullish(),
    display_name: z.string().nullish(),
    active: z.boolean().nullish(),
    camera_ids: cameraIds,
  })
  .meta({ id: 'UserCreate' });
const updateBody = z
  .object({
    password: z.string().nullish(),
    role: z.string().nullish(),
    display_name: z.string().nullish(),
    active: z.boolean().nullish(),
    camera_ids: cameraIds,
  })
  .meta({ id: 'UserUpdate' });

const administration = { capability: 'admin', scope: { none: 'about accounts, not about cameras' } } as const;

export function userRoutes(options: UserRoutesOptions): KernelRoute[] {
  const { queries, store, passwords, clock } = options;
  const found = (id: string): User => {
    const user = queries.userById(id);
    if (user === undefined) throw new HeldarError('not_found', `user ${id} not found`);
    return user;
  };
  return [
    kernelRoute.get('/api/v1/users', {
      ...administration,
      summary: 'All users, ascending by name',
      output: z.array(userOutput),
      handle: () => queries.users().map(userView),
    }),
    kernelRoute.post('/api/v1/users', {
      ...administration,
      summary: 'Create a user',
      audit: { action: 'create_user', target: 'user' },
      body: createBody,
      output: userOutput,
      status: 201,
      async handle({ body, audit }) {
        const username = body.username.trim();
        if (username === '') throw new HeldarError('bad_request', 'username: it is blank');
        const role = requireRole(body.role ?? 'viewer');
        const cameras = requireCameras(options, body.camera_ids ?? null);
        const id = newId('usr', clock.now());
        const columns = {
          username,
          role,
          cameras,
          displayName: body.display_name ?? null,
          active: body.active ?? true,
          passwordHash: await hashed(passwords, body.password, 'password'),
        };
        await store.write('users.create', { id, ...columns }, audit(id, { detail: { role } }));
        return userView(found(id));
      },
    }),
    kernelRoute.patch('/api/v1/users/:id', {
      ...administration,
      summary:
        'Change a user: absent and null keep a value, but display_name and camera_ids, which null clears',
      audit: { action: 'update_user', target: 'user' },
      params,
      body: updateBody,
      output: userOutput,
      async handle({ params: { id }, body, caller, audit }) {
        const before = found(id);
        const columns: { -readonly [Name in keyof UserColumns]?: UserColumns[Name] } = {};
        if (typeof body.role === 'string') columns.role = requireRole(body.role);
        if (typeof body.active === 'boolean') columns.active = body.active;
        if (body.display_name !== undefined) columns.displayName = body.display_name;
        if (body.camera_ids !== undefined) columns.cameras = requireCameras(options, body.camera_ids);
        if (typeof body.password === 'string')
          columns.passwordHash = await hashed(passwords, body.password, 'password');
        const { role, active } = { ...before, ...columns };
        await store.write(
          'users.update',
          {
            id,
            columns,
            ...(caller.principal.id === id && caller.session !== null ? { keepSession: caller.session } : {}),
          },
          audit(id, { detail: { role, active, changed: Object.keys(columns).map(fieldOf) } }),
        );
        return userView(found(id));
      },
    }),
    kernelRoute.delete('/api/v1/users/:id', {
      ...administration,
      summary: 'Delete a user with its sessions',
      audit: { action: 'delete_user', target: 'user' },
      params,
      async handle({ params: { id }, principal, audit }) {
        if (principal.id === id) throw new HeldarError('bad_request', 'nobody can delete their own account');
        await store.write('users.delete', { id }, audit(id));
      },
    }),
    kernelRoute.get('/api/v1/users/:id/sessions', {
      ...administration,
      summary: 'The sessions of a user, newest first',
      params,
      output: z.array(sessionOutput),
      handle: ({ params: { id }, caller }) => sessionsView(queries, found(id), caller, clock.now()),
    }),
    kernelRoute.delete('/api/v1/users/:id/sessions/:session', {
      ...administration,
      summary: 'End a session of a user',
      audit: { action: 'end_session', target: 'session' },
      params: sessionParams,
      async handle({ params: { id, session }, audit }) {
        const ended = { id: session, userId: found(id).id };
        if (!(await store.write('user-sessions.end', ended, audit(session, { detail: { user_id: id } }))))
          throw new HeldarError('not_found', `session ${session} not found`);
      },
    }),
  ];
}

/** What a column is called in a body. */
function fieldOf(column: string): string {
  return fieldNames[column] ?? column;
}

const fieldNames: Readonly<Record<string, string>> = {
  displayName: 'display_name',
  cameras: 'camera_ids',
  passwordHash: 'password',
};

/** @throws HeldarError `bad_request` naming the roles there are. */
export function requireRole(role: string): Role {
  if (isRole(role)) return role;
  throw new HeldarError(
    'bad_request',
    `role: there is no role '${role.slice(0, 40)}'; there are ${roles.join(', ')}`,
  );
}

/** An empty list is no camera, never all. @throws HeldarError `bad_request` naming the first that does not exist. */
export function requireCameras(
  { cameraExists }: Pick<UserRoutesOptions, 'cameraExists'>,
  ids: readonly string[] | null,
): string[] | null {
  const unknown = ids?.find((id) => !cameraExists(id));
  if (unknown !== undefined)
    throw new HeldarError('bad_request', `camera_ids: camera ${unknown.slice(0, 100)} not found`);
  return ids === null ? null : [...new Set(ids)];
}
