/** Keys of machines over HTTP, for administrators. */
import { formatRfc3339, z } from '@heldar/plugin-sdk';
import { capabilities, isCapability } from '../../auth/permissions.ts';
import { mintToken } from '../../auth/token.ts';
import type { Clock } from '../../clock.ts';
import { HeldarError } from '../../errors.ts';
import { newId } from '../../ids.ts';
import type { AccessQueries, ApiKey } from '../../store/access-queries.ts';
import type { KeyColumns } from '../../store/api-keys.ts';
import type { Store } from '../../store/store.ts';
import { timeField } from '../body-time.ts';
import { kernelRoute, type KernelRoute } from '../kernel-route.ts';
import { roleSchema } from './auth.ts';
import { requireCameras, requireRole } from './users.ts';

export interface ApiKeyRoutesOptions {
  readonly queries: AccessQueries;
  readonly store: Pick<Store, 'write'>;
  readonly clock: Clock;
  readonly cameraExists: (id: string) => boolean;
}

const params = z.object({ id: z.string() });
const common = {
  role: z.string().nullish(),
  grants: z.array(z.string()).nullish(),
  camera_ids: z.array(z.string()).nullish(),
  active: z.boolean().nullish(),
  expires_at: timeField().nullish(),
};
const createBody = z.object({ name: z.string(), ...common }).meta({ id: 'ApiKeyCreate' });
const updateBody = z.object({ name: z.string().nullish(), ...common }).meta({ id: 'ApiKeyUpdate' });
const rotateBody = z
  .object({ keep_old_seconds: z.int().min(0).max(604_800).default(0) })
  .meta({ id: 'ApiKeyRotate' });
const time = z.string().nullable();
const keyOutput = z
  .object({
    id: z.string(),
    name: z.string(),
    key_prefix: z.string(),
    role: roleSchema,
    grants: z.array(z.string()).nullable(),
    camera_ids: z.array(z.string()).nullable(),
    active: z.boolean(),
    expires_at: time,
    last_used_at: time,
    created_by: z.string(),
    created_at: z.string(),
  })
  .meta({ id: 'ApiKey' });
const createdOutput = z
  .object({ id: z.string(), name: z.string(), role: roleSchema, key: z.string() })
  .meta({ id: 'ApiKeyCreated' });

const administration = { capability: 'admin', scope: { none: 'about keys, not about cameras' } } as const;

export function apiKeyRoutes(options: ApiKeyRoutesOptions): KernelRoute[] {
  const { queries, store, clock } = options;
  const found = (id: string): ApiKey => {
    const key = queries.keyById(id);
    if (key === undefined) throw new HeldarError('not_found', `API key ${id} not found`);
    return key;
  };
  return [
    kernelRoute.get('/api/v1/api-keys', {
      ...administration,
      summary: 'All keys, newest first; never their text',
      output: z.array(keyOutput),
      handle: () => queries.keys().map(keyView),
    }),
    kernelRoute.post('/api/v1/api-keys', {
      ...administration,
      summary: 'Make a key; its text is in this answer only',
      audit: { action: 'create_api_key', target: 'api_key' },
      body: createBody,
      output: createdOutput,
      status: 201,
      async handle({ body, principal, audit }) {
        const name = requireName(body.name);
        const role = requireRole(body.role ?? 'integration');
        const { token, hash, prefix } = mintToken('key');
        const id = newId('key', clock.now());
        const columns = {
          name,
          role,
          grants: requireGrants(body.grants ?? null),
          cameras: requireCameras(options, body.camera_ids ?? null),
          active: body.active ?? true,
          expiresAt: body.expires_at?.ms ?? null,
          keyPrefix: prefix,
          keyHash: hash,
          createdBy: principal.id,
        };
        await store.write('keys.create', { id, ...columns }, audit(id, { detail: { role } }));
        return { id, name, role, key: token };
      },
    }),
    kernelRoute.patch('/api/v1/api-keys/:id', {
      ...administration,
      summary: 'Change a key: absent keeps a value; null clears grants, camera_ids and expires_at',
      audit: { action: 'update_api_key', target: 'api_key' },
      params,
      body: updateBody,
      output: keyOutput,
      async handle({ params: { id }, body, audit }) {
        const before = found(id);
        const columns: { -readonly [Name in keyof KeyColumns]?: KeyColumns[Name] } = {};
        if (typeof body.name === 'string') columns.name = requireName(body.name);
        if (typeof body.role === 'string') columns.role = requireRole(body.role);
        if (typeof body.active === 'boolean') columns.active = body.active;
        if (body.grants !== undefined) columns.grants = requireGrants(body.grants);
        if (body.camera_ids !== undefined) columns.cameras = requireCameras(options, body.camera_ids);
        if (body.expires_at !== undefined) columns.expiresAt = body.expires_at?.ms ?? null;
        const { role, active } = { ...before, ...columns };
        await store.write('keys.update', { id, columns }, audit(id, { detail: { role, active } }));
        return keyView(found(id));
      },
    }),
    kernelRoute.post('/api/v1/api-keys/:id/rotate', {
      ...administration,
      summary: 'Give a key another text, in this answer only; the one before works for as long as is said',
      audit: { action: 'rotate_api_key', target: 'api_key' },
      params,
      body: rotateBody,
      output: createdOutput,
      async handle({ params: { id }, body, audit }) {
        const { name, role } = keyView(found(id));
        const { token, hash, prefix } = mintToken('key');
        const oldUntil = clock.now() + body.keep_old_seconds * 1000;
        await store.write(
          'keys.rotate',
          { id, keyPrefix: prefix, keyHash: hash, oldUntil },
          audit(id, { detail: { keep_old_seconds: body.keep_old_seconds } }),
        );
        return { id, name, role, key: token };
      },
    }),
    kernelRoute.delete('/api/v1/api-keys/:id', {
      ...administration,
      summary: 'Revoke a key',
      audit: { action: 'delete_api_key', target: 'api_key' },
      params,
      handle: ({ params: { id }, audit }) => store.write('keys.revoke', { id }, audit(id)),
    }),
  ];
}

function keyView(key: ApiKey): z.infer<typeof keyOutput> {
  return {
    id: key.id,
    name: key.name,
    key_prefix: key.keyPrefix,
    role: roleSchema.parse(key.role),
    grants: key.grants === null ? null : [...key.grants],
    camera_ids: key.cameras === null ? null : [...key.cameras],
    active: key.active,
    expires_at: timeOf(key.expiresAt),
    last_used_at: timeOf(key.lastUsedAt),
    created_by: key.createdBy,
    created_at: formatRfc3339(key.createdAt),
  };
}

function timeOf(ms: number | null): string | null {
  return ms === null ? null : formatRfc3339(ms);
}

function requireName(text: string): string {
  const name = text.trim();
  if (name === '') throw new HeldarError('bad_request', 'name: it is blank');
  return name;
}

function requireGrants(grants: readonly string[] | null): string[] | null {
  const unknown = grants?.find((grant) => !isCapability(grant));
  if (unknown !== undefined)
    throw new HeldarError(
      'bad_request',
      `grants: there is no capability '${unknown.slice(0, 40)}'; there are ${capabilities.join(', ')}`,
    );
  return grants === null ? null : [...new Set(grants)];
}
