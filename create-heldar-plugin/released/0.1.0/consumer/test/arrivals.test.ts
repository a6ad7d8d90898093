/** Is each object reported once, whatever happens to the kernel in between? */
import { createTestHost, track } from '@heldar/kernel/testing';
import { expect, test } from 'vitest';
import plugin from '../src/index.ts';

test('an object is reported once, also when the kernel is killed', async () => {
  await using host = await createTestHost({ plugins: [plugin({ frames: 2 })], cameras: ['gate'] });
  await host.tape(track({ camera: 'gate', track: '7', frames: 4 }));
  await host.crashAndRestart();
  expect(host.events('my-plugin.arrived')).toMatchObject([
    { cameraId: 'gate', payload: { track_id: '7', label: 'person' } },
  ]);
  expect(host.problems()).toEqual([]);
});

test('labels that nobody asked for are left out', async () => {
  await using host = await createTestHost({ plugins: [plugin({ labels: ['dog'] })], cameras: ['gate'] });
  await host.tape(track({ camera: 'gate', label: 'person' }));
  expect(host.events('my-plugin.arrived')).toEqual([]);
});

test('an object that was out of sight for long is reported again', async () => {
  await using host = await createTestHost({ plugins: [plugin({ frames: 1 })], cameras: ['gate'] });
  const seen = [{ label: 'person', track_id: '7' }];
  await host.ingest('gate', 'people', seen);
  await host.advance('2m');
  expect(host.state('arrivals')).toEqual({});
  await host.ingest('gate', 'people', seen);
  expect(host.events('my-plugin.arrived')).toHaveLength(2);
});
