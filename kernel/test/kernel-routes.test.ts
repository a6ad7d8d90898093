import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { kernelRouteNames } from '../src/boot/route-names.ts';
import { createKernel, type Kernel } from '../src/kernel.ts';

let folder: string;
let kernel: Kernel;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'heldar-routes-'));
  const env = { PATH: process.env['PATH'], HELDAR_DATA_DIR: folder, HELDAR_API_PORT: '0', HELDAR_LOG: 'off' };
  kernel = createKernel({ config: {}, env });
  await kernel.start();
});
afterAll(async () => {
  await kernel.stop();
  rmSync(folder, { recursive: true });
});

test('the routes that pre-flight compares plugins with are those the kernel mounts', () => {
  const mounted = kernel.routes().filter(({ owner }) => owner === 'kernel');
  expect(mounted.map(({ method, path }) => `${method} ${path}`).sort()).toEqual([...kernelRouteNames].sort());
});

test('every read but probes and the site asks for view, and every write for more', () => {
  const open = kernel.routes().filter(({ capability }) => capability === 'public');
  expect(open.map(({ path }) => path).sort()).toEqual([
    '/api/v1/auth/login',
    '/api/v1/auth/logout',
    '/api/v1/auth/oidc/callback',
    '/api/v1/auth/oidc/login',
    '/api/v1/site',
    '/healthz',
    '/readyz',
  ]);
  // Whoever is known may ask who they are, and see to their own account.
  const known = kernel.routes().filter(({ capability }) => capability === 'authenticated');
  expect(known.every(({ path }) => path.startsWith('/api/v1/auth/'))).toBe(true);
  const writes = kernel.routes().filter(({ method }) => method !== 'GET');
  const viewers = writes
    .filter(({ capability }) => capability === 'view')
    .map(({ method, path }) => `${method} ${path}`);
  expect(viewers).toEqual([
    // A read that may be sent as POST.
    'POST /api/v1/cameras/:id/test',
    // Who may look at footage may take a clip of it and review it, and ends what is their own.
    'POST /api/v1/cameras/:id/clip',
    'DELETE /api/v1/clips/:clip_id',
    'POST /api/v1/cameras/:id/playback/sessions',
    'POST /api/v1/playback/sessions/:session_id/prolong',
    'DELETE /api/v1/playback/sessions/:session_id',
  ]);
});
