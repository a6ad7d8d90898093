/** What a kernel starts of its own it does not take for what a killed one left behind. */
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { startRig } from './kernel-rig.ts';
import { until } from './until.ts';

test('a sampler that begins with the kernel goes on', async () => {
  let connections = 0;
  let ended = 0;
  // A camera that never answers, so that what asks it stays.
  const camera = createServer((socket) => {
    connections += 1;
    socket.on('error', () => socket.destroy());
    socket.on('close', () => (ended += 1));
    socket.resume();
  });
  camera.listen(0, '127.0.0.1');
  await once(camera, 'listening');
  const url = `rtsp://127.0.0.1:${(camera.address() as AddressInfo).port}/live`;
  await using rig = await startRig({ cameras: [], env: { HELDAR_RECORDER_ENABLED: 'false' } });
  for (const id of ['gate', 'yard', 'dock']) {
    await rig.call('POST', '/api/v1/cameras', { id, name: id, main_stream_url: url, sub_stream_url: url });
    await rig.call('POST', `/api/v1/cameras/${id}/ai-tasks`, { task_type: 'test' });
  }
  await until('they are asked', () => connections === 3);
  await rig.stop();
  await until('the first samplers are gone', () => ended === 3);
  await rig.start();
  await until('they are asked again', () => connections === 6);
  expect(ended).toBe(3);
  await rig.stop();
  camera.close();
});
