/** From a frame to an event: does the worker post what the plugin needs, and does the plugin judge it? */
import { createTestHost, type TestHost } from '@heldar/kernel/testing';
import { runWorker } from '@heldar/plugin-sdk/worker';
import { expect, test } from 'vitest';
import plugin from '../src/index.ts';
import { taskType } from '../src/picture.ts';
import { analyse } from '../src/worker/analyse.ts';
import { log } from '../src/worker/log.ts';

/** Frames by size in bytes, one a request, the last one over and over; everything else goes to the kernel. */
function siteOf(host: TestHost, sizes: readonly number[]): typeof fetch {
  let frames = 0;
  return async (input, init = {}) => {
    const { pathname, search } = new URL(input instanceof Request ? input.url : input);
    if (pathname.endsWith('/frame')) {
      const bytes = sizes[Math.min(frames, sizes.length - 1)] ?? 0;
      frames += 1;
      const capturedAt = new Date(host.now + frames).toISOString();
      return new Response(new Uint8Array(bytes), {
        headers: { 'content-type': 'image/jpeg', 'x-frame-captured-at': capturedAt, 'x-frame-age-ms': '1' },
      });
    }
    const body: unknown = typeof init.body === 'string' ? JSON.parse(init.body) : undefined;
    return host.http(pathname + search, {
      method: init.method ?? 'GET',
      ...(body === undefined ? {} : { body }),
    });
  };
}

test('a camera that is covered is reported once', async () => {
  await using host = await createTestHost({ plugins: [plugin({ frames: 2 })], cameras: ['gate'] });
  await host.http('/api/v1/cameras/gate/ai-tasks', {
    method: 'POST',
    body: { task_type: taskType, fps: 10 },
  });
  const stopping = new AbortController();
  const running = runWorker({
    baseUrl: 'http://kernel',
    analysers: { [taskType]: () => ({ analyse }) },
    signal: stopping.signal,
    log: { ...log, info: () => undefined },
    fetch: siteOf(host, [9000, 9000, 500]),
  });
  await expect.poll(() => host.events('my-plugin.covered').length, { timeout: 30_000 }).toBe(1);
  stopping.abort();
  await running;
  expect(host.events('my-plugin.covered')).toMatchObject([
    { cameraId: 'gate', severity: 'warning', payload: { bytes: 500 } },
  ]);
  expect(host.problems()).toEqual([]);
});
