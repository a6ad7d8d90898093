/** Are visits kept, told and forgotten as they should? */
import { createTestHost, track, type TestHost } from '@heldar/kernel/testing';
import { expect, test } from 'vitest';
import plugin from '../src/index.ts';

const path = '/api/v1/plugins/my-plugin/visits';

const list = async (host: TestHost, query = ''): Promise<{ id: string }[]> =>
  (await (await host.http(path + query)).json()) as { id: string }[];

test('a visit lasts from the first frame to the last, also when the kernel is killed in between', async () => {
  await using host = await createTestHost({ plugins: [plugin()], cameras: ['gate'] });
  await host.tape(track({ camera: 'gate', track: '7', frames: 5, everyMs: 1000 }));
  expect(await list(host, '?open=true')).toMatchObject([{ camera_id: 'gate', track_id: '7', ended: null }]);

  await host.crashAndRestart();
  await host.advance('1m');
  expect(host.events('my-plugin.left')).toMatchObject([{ payload: { label: 'person', seconds: 4 } }]);
  expect(await list(host, '?open=true')).toEqual([]);
  expect(host.problems()).toEqual([]);
});

test('visits that are over can be forgotten, those that last can not', async () => {
  await using host = await createTestHost({ plugins: [plugin()], cameras: ['gate'] });
  await host.tape(track({ camera: 'gate', track: '7' }));
  const [visit] = await list(host);
  const forget = async () => (await host.http(`${path}/${visit?.id}`, { method: 'DELETE' })).status;
  expect(await forget()).toBe(404);
  await host.advance('1m');
  expect(await forget()).toBe(204);
  expect(await list(host)).toEqual([]);
});

test('old visits go by themselves, and those of a camera go with it', async () => {
  await using host = await createTestHost({ plugins: [plugin({ keepHours: 1 })], cameras: ['gate', 'yard'] });
  for (const camera of ['gate', 'yard']) await host.tape(track({ camera, track: camera }));
  await host.http('/api/v1/cameras/yard', { method: 'DELETE' });
  expect(await list(host)).toMatchObject([{ camera_id: 'gate' }]);
  await host.advance('3h');
  expect(await list(host)).toEqual([]);
});
