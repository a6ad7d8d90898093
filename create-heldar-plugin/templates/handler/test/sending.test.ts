/** Does the other system get each event, with a key that tells repetitions? */
import { createTestHost } from '@heldar/kernel/testing';
import { consumer, definePlugin, z } from '@heldar/plugin-sdk';
import { expect, test } from 'vitest';
import plugin from '../src/index.ts';
import { startReceiver } from './receiver.ts';

/** Something that happens: one event for each batch. */
const bell = definePlugin({
  name: 'bell',
  consumes: ['bell'],
  emits: { rang: z.object({ at: z.string() }) },
  capabilities: ['events:emit'],
  setup: (_ctx) => ({
    consumers: [
      consumer({ name: 'bell', consume: (batch, fx) => void fx.emit('rang', { at: batch.cameraId }) }),
    ],
  }),
});

test('an event is sent, and sent again with the same key when the other side fails', async () => {
  await using receiver = await startReceiver([503]);
  const sender = plugin({ url: receiver.url, events: ['bell.rang'] });
  await using host = await createTestHost({ plugins: [bell, sender], cameras: ['gate'] });
  await host.ingest('gate', 'bell', []);
  await host.advance('1m');
  const [event] = host.events('bell.rang');
  const message = { id: event?.id, type: 'bell.rang', camera: 'gate', payload: { at: 'gate' } };
  expect(receiver.received).toMatchObject([
    { key: event?.id, body: message },
    { key: event?.id, body: message },
  ]);
  expect(host.parked()).toEqual([]);
});

test('what the other side never takes is parked, and the address stays out of the log', async () => {
  await using receiver = await startReceiver(Array.from({ length: 5 }, () => 500));
  const sender = plugin({ url: receiver.url, events: ['bell.rang'] });
  await using host = await createTestHost({ plugins: [bell, sender], cameras: ['gate'] });
  await host.ingest('gate', 'bell', []);
  await host.advance('10m');
  expect(host.parked()).toMatchObject([{ plugin: 'my-plugin', kind: 'event', attempts: 5 }]);
  expect(JSON.stringify(host.log())).not.toContain('/hook');
});

test('without an address nothing is sent, and nothing fails', async () => {
  await using host = await createTestHost({ plugins: [bell, plugin()], cameras: ['gate'] });
  await host.ingest('gate', 'bell', []);
  expect(host.problems()).toEqual([]);
});
