import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { overlayStatus } from './overlay.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heldar-net-'));
  for (const [name, state] of [
    ['wg0', 'unknown\n'],
    ['eth0', 'up\n'],
    ['wg1', 'down\n'],
  ] as const) {
    await mkdir(join(folder, name));
    await writeFile(join(folder, name, 'operstate'), state);
  }
  await mkdir(join(folder, 'mute'));
});
afterAll(() => rm(folder, { recursive: true }));

test.each([
  [false, 'wg0', { present: false, operstate: null, up: false }],
  [true, null, { present: false, operstate: null, up: false }],
  [true, 'wg0', { present: true, operstate: 'unknown', up: true }],
  [true, 'eth0', { present: true, operstate: 'up', up: true }],
  [true, 'wg1', { present: true, operstate: 'down', up: false }],
  [true, 'mute', { present: true, operstate: null, up: true }],
  [true, 'gone', { present: false, operstate: null, up: false }],
  [true, '../..', { present: false, operstate: null, up: false }],
  [true, '..', { present: false, operstate: null, up: false }],
])('with reporting %s, the interface %s is told as it is', async (enabled, iface, expected) => {
  const status = await overlayStatus({ enabled, kind: 'wireguard', iface }, folder);
  expect(status).toMatchObject({ enabled, kind: 'wireguard', iface, ...expected });
  expect(status.note).toMatch(/^[A-Z].*\.$/);
});
