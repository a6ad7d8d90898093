/** Is the running total the number of detections of cameras that exist, whatever comes and goes? */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openTestStore, type TestStore } from '../testing/test-store.ts';
import { createDetectionTotal } from './detection-total.ts';

let testStore: TestStore;
beforeEach(async () => {
  testStore = await openTestStore();
});
afterEach(() => testStore.close());

async function send(cameraId: string, batches: number, each: number): Promise<void> {
  const detection = { label: 'a', confidence: null, bbox: null, track_id: null, attributes: {} };
  const request = { camera_id: cameraId, task_type: 't', timestamp: null, frame_id: null, event: null };
  const detections = Array.from({ length: each }, () => detection);
  await Promise.all(
    Array.from({ length: batches }, () => testStore.ingest.accept({ ...request, detections })),
  );
}

const inView = () => (testStore.sql('SELECT count(*) AS n FROM detections')[0] as { n: number }).n;

test('it follows what is ingested', async () => {
  const total = createDetectionTotal(testStore.store.reader);
  expect(await total.read()).toBe(0);
  await send('gate', 3, 2);
  expect(await total.read()).toBe(6);
  await send('yard', 2, 5);
  await send('gate', 1, 0);
  expect(await total.read()).toBe(16);
  expect(inView()).toBe(16);
});

test('what retention deletes is taken off, also in the middle of a step', async () => {
  const total = createDetectionTotal(testStore.store.reader);
  await send('gate', 10, 3);
  expect(await total.read()).toBe(30);
  for (const limit of [4, 1, 5]) {
    await testStore.store.write('log.prune', {
      before: testStore.clock.now() + 1000,
      limit,
      pastConsumers: false,
    });
    expect(await total.read()).toBe(inView());
  }
  await send('gate', 2, 1);
  expect(await total.read()).toBe(2);
});

test('detections of a deleted camera no longer count', async () => {
  const total = createDetectionTotal(testStore.store.reader);
  await send('gate', 2, 3);
  await send('yard', 1, 1);
  expect(await total.read()).toBe(7);
  await testStore.store.write('cameras.delete', { id: 'gate' });
  expect(await total.read()).toBe(inView());
});

test('a store opened with rows is counted from the start, and two readers at once get the same', async () => {
  await send('gate', 50, 2);
  const total = createDetectionTotal(testStore.store.reader);
  expect(await Promise.all([total.read(), total.read()])).toEqual([100, 100]);
});
