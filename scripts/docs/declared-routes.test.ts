import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKernel } from '@heldar/kernel';
import { expect, onTestFinished, test } from 'vitest';
import { readDeclaredRoutes } from './declared-routes.ts';

test('the documented routes are those that a running kernel with the zones plugin serves', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'heldar-docs-'));
  const kernel = createKernel({
    // By name, so that the host reads the routes it claims from its package.json.
    config: { plugins: ['@heldar/plugin-zones'] },
    cwd: import.meta.dirname,
    env: { PATH: process.env['PATH'], HELDAR_DATA_DIR: folder, HELDAR_API_PORT: '0', HELDAR_LOG: 'off' },
  });
  onTestFinished(async () => {
    await kernel.stop();
    rmSync(folder, { recursive: true });
  });
  await kernel.start();
  const declared = await readDeclaredRoutes();
  const documented = [...declared.kernel, ...declared.zones];
  expect(documented.map(address).sort()).toEqual(kernel.routes().map(address).sort());
});

function address({ owner, method, path }: { owner: string; method: string; path: string }): string {
  return `${owner} ${method} ${path}`;
}
