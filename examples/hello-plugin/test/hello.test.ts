/** Is whoever is seen greeted, in the words of the composition? */
import { createTestHost } from '@heldar/kernel/testing';
import { expect, test } from 'vitest';
import hello from '../src/index.ts';

test('each labelled detection is greeted once', async () => {
  await using host = await createTestHost({ plugins: [hello({ greeting: 'Good day' })] });
  const seen = [{ label: 'person', track_id: '7' }, { label: null }];
  await host.ingest('gate', 'detection', seen, { frameId: 'f1' });
  await host.ingest('gate', 'detection', seen, { frameId: 'f1' });
  await host.crashAndRestart();
  expect(host.events('hello.seen')).toMatchObject([
    { cameraId: 'gate', payload: { message: 'Good day, person!', track_id: '7' } },
  ]);
});
