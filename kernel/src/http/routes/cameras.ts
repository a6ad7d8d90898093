/** The camera registry over HTTP: list, create, read, change, remove, test. */
import { z } from '@heldar/plugin-sdk';
import { connectivityTimeoutMs, testConnectivity } from '../../cameras/connectivity.ts';
import type { CameraRegistry } from '../../cameras/registry.ts';
import type { CameraRemoval } from '../../cameras/remove-camera.ts';
import {
  cameraChange,
  cameraCreateBody,
  cameraUpdateBody,
  newCamera,
  type CameraDefaults,
} from '../../cameras/validation.ts';
import { cameraView } from '../../cameras/view.ts';
import type { Clock } from '../../clock.ts';
import { HeldarError } from '../../errors.ts';
import type { MediaTools } from '../../media/tools.ts';
import {
  listCameras,
  listCameraSecrets,
  noSecrets,
  readCamera,
  readCameraSecrets,
} from '../../store/camera-queries.ts';
import type { Store } from '../../store/store.ts';
import { kernelRoute, type KernelRoute } from '../kernel-route.ts';

export interface CameraRoutesOptions {
  readonly store: Pick<Store, 'read' | 'keyring' | 'write'>;
  readonly registry: CameraRegistry;
  readonly removal: CameraRemoval;
  readonly defaults: CameraDefaults;
  /** Names of the recording roots a camera may choose. */
  readonly roots: readonly string[];
  readonly tools: MediaTools;
  readonly clock: Clock;
  /** Marks child processes. */
  readonly marker: string;
}

const cameraParams = z.object({ id: z.string() });
const nullableText = z.string().nullable();
const nullableInt = z.int().nullable();
const cameraOutput = z
  .object({
    id: z.string(),
    site_id: nullableText,
    name: z.string(),
    vendor: z.string(),
    model: nullableText,
    address: nullableText,
    rtsp_port: z.int(),
    username: nullableText,
    has_password: z.boolean(),
    record_stream: z.enum(['main', 'sub']),
    record_url_masked: nullableText,
    codec: nullableText,
    resolution_main: nullableText,
    resolution_sub: nullableText,
    fps_main: nullableInt,
    fps_sub: nullableInt,
    capabilities: z.unknown(),
    record_enabled: z.boolean(),
    segment_seconds: z.int(),
    retention_hours: z.int(),
    storage_quota_bytes: nullableInt,
    record_audio: z.boolean(),
    record_mode: z.enum(['continuous', 'scheduled', 'event', 'scheduled_event']),
    pre_roll_seconds: z.int(),
    post_roll_seconds: z.int(),
    mirror_enabled: z.boolean(),
    anr_enabled: z.boolean(),
    anr_replay_url_template: nullableText,
    enabled: z.boolean(),
    time_zone: nullableText,
    recordings_root: nullableText,
    created_at: z.string(),
    updated_at: z.string(),
  })
  .meta({ id: 'Camera' });
const testOutput = z
  .union([
    z.object({
      reachable: z.literal(true),
      codec: nullableText,
      width: nullableInt,
      height: nullableInt,
      url: z.string(),
    }),
    z.object({
      reachable: z.literal(false),
      reason: z.enum([
        'credentials_missing',
        'credentials_refused',
        'auth_unsupported',
        'forbidden',
        'no_such_stream',
        'no_video',
        'timeout',
        'unreachable',
        'failed',
      ]),
      error: z.string(),
      url: z.string(),
    }),
  ])
  .meta({ id: 'CameraTest' });

export function cameraRoutes(options: CameraRoutesOptions): KernelRoute[] {
  const { store, registry, removal } = options;

  const view = (id: string) => {
    const row = readCamera(store.read, id);
    if (row === undefined) throw new HeldarError('not_found', `camera ${id} not found`);
    return cameraView(row, readCameraSecrets(store, id));
  };

  const test = (id: string, signal: AbortSignal) => {
    const camera = registry.get(id);
    if (camera === undefined) throw new HeldarError('not_found', `camera ${id} not found`);
    return testConnectivity({ ...options, signal }, camera, readCameraSecrets(store, id));
  };

  return [
    kernelRoute.get('/api/v1/cameras', {
      summary: 'All cameras, ascending by id',
      capability: 'view',
      scope: { rows: 'cameras' },
      output: z.array(cameraOutput),
      handle({ cameras }) {
        const secrets = listCameraSecrets(store);
        return listCameras(store.read)
          .filter(({ id }) => cameras.includes(id))
          .map((row) => cameraView(row, secrets.get(row.id) ?? noSecrets));
      },
    }),
    kernelRoute.post('/api/v1/cameras', {
      summary: 'Register a camera',
      capability: 'manage_registry',
      scope: { none: 'the camera does not exist yet' },
      audit: { action: 'create_camera', target: 'camera' },
      body: cameraCreateBody,
      output: cameraOutput,
      status: 201,
      async handle({ body, audit }) {
        requireRoot(options.roots, body.recordings_root);
        const camera = newCamera(body, options.defaults);
        await removal.settled(camera.id);
        const { id, columns } = camera;
        const detail = { name: columns.name, vendor: columns.vendor };
        await store.write('cameras.create', camera, audit(id, { camera: id, detail }));
        return view(id);
      },
    }),
    kernelRoute.get('/api/v1/cameras/:id', {
      summary: 'One camera',
      capability: 'view',
      scope: { camera: 'params.id' },
      params: cameraParams,
      output: cameraOutput,
      handle: ({ params }) => view(params.id),
    }),
    kernelRoute.patch('/api/v1/cameras/:id', {
      summary: 'Change a camera: absent keeps a value, null clears one that can be null',
      capability: 'manage_registry',
      scope: { camera: 'params.id' },
      audit: { action: 'update_camera', target: 'camera' },
      params: cameraParams,
      body: cameraUpdateBody,
      output: cameraOutput,
      async handle({ params: { id }, body, audit }) {
        requireRoot(options.roots, body.recordings_root);
        await store.write('cameras.update', { id, ...cameraChange(body) }, audit(id));
        return view(id);
      },
    }),
    kernelRoute.delete('/api/v1/cameras/:id', {
      summary: 'Remove a camera with its footage; refused while some of it is held as evidence',
      capability: 'admin',
      scope: { camera: 'params.id' },
      audit: { action: 'delete_camera', target: 'camera' },
      params: cameraParams,
      timeoutMs: 120_000,
      handle: ({ params: { id }, audit }) => removal.remove(id, audit(id)),
    }),
    ...[kernelRoute.get, kernelRoute.post].map((route) =>
      route('/api/v1/cameras/:id/test', {
        summary: 'Probe the recorded stream; an unreachable camera is an answer, not an error',
        capability: 'view',
        scope: { camera: 'params.id' },
        audit: { action: 'test_camera', target: 'camera' },
        params: cameraParams,
        output: testOutput,
        timeoutMs: connectivityTimeoutMs + 10_000,
        async handle({ params: { id }, signal, acting }) {
          await acting(id);
          return await test(id, signal);
        },
      }),
    ),
  ];
}

function requireRoot(roots: readonly string[], asked: string | null | undefined): void {
  const name = asked?.trim() ?? '';
  if (name === '' || roots.includes(name)) return;
  const known =
    roots.length === 0 ? 'none is set (HELDAR_RECORDINGS_ROOTS)' : `there are ${roots.join(', ')}`;
  throw new HeldarError('bad_request', `recordings_root: no recordings root is called '${name}'; ${known}`);
}
