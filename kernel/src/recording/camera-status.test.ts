import { afterAll, beforeAll, expect, it } from 'vitest';
import { collectingLog, type LogLine } from '../http/http-for-tests.ts';
import { readCameraStatus } from '../store/camera-queries.ts';
import { openWriter } from '../store/database.ts';
import { openTestStore, type TestStore } from '../testing/test-store.ts';
import { createCameraStatus, type CameraStatus } from './camera-status.ts';

let test: TestStore;
let cameras: string[] = [];
beforeAll(async () => {
  cameras = ['a', 'b', 'c', 'd', 'e'];
  test = await openTestStore({ cameras });
  const db = openWriter(test.store.file);
  db.exec(`INSERT INTO camera_status (camera_id, state, updated_at) SELECT id, 'unknown', 0 FROM cameras`);
  db.close();
});
afterAll(() => test.close());

function statusOf(id: string): { status: CameraStatus; lines: LogLine[] } {
  const lines: LogLine[] = [];
  const camera = { id, siteId: null, incarnation: cameras.indexOf(id) + 1 };
  const log = collectingLog(lines);
  return { status: createCameraStatus({ camera, store: test.store, clock: test.clock, log }), lines };
}
const rowOf = (id: string) => readCameraStatus(test.store.read, id);
const eventsOf = (id: string) =>
  test
    .sql('SELECT event_type FROM events WHERE camera_id = ? ORDER BY seq', id)
    .map((row) => (row as { event_type: string }).event_type);

it('is connecting until media flows, and tells of an outage once each way, in events and in the log', async () => {
  const { status, lines } = statusOf('a');
  await status.connecting();
  await status.started(7);
  expect(rowOf('a')).toMatchObject({ state: 'connecting', recorderPid: 7 });
  await status.recording(1000);
  expect(rowOf('a')).toMatchObject({ state: 'recording', recorderPid: 7, lastStartedAt: 1000 });
  for (let tries = 0; tries < 3; tries += 1) {
    await status.offline(10, 'no route');
    await status.connecting();
  }
  await status.recording(2000);
  expect(eventsOf('a')).toEqual(['camera_offline', 'camera_online']);
  expect(lines.map(({ message }) => message)).toEqual(['recorded', 'offline', 'online again']);
  expect(rowOf('a')).toMatchObject({ state: 'recording', reconnectCount: 3, lastError: null });
});

it('answers an outage when the stream flows again, also after a pause and a restart', async () => {
  const before = statusOf('b');
  await before.status.offline(10, 'no route');
  await before.status.connecting();
  const meanwhile = statusOf('b');
  await meanwhile.status.offline(10, 'no route');
  expect(eventsOf('b')).toEqual(['camera_offline']);
  await meanwhile.status.resting('outside its windows');
  expect(rowOf('b')).toMatchObject({ state: 'disabled', lastError: 'no route', recorderPid: null });
  const { status } = statusOf('b');
  await status.connecting();
  await status.offline(10, 'no route');
  expect(eventsOf('b')).toEqual(['camera_offline']);
  await status.armed('armed');
  expect(rowOf('b')).toMatchObject({ state: 'disabled', stateDetail: 'armed', lastError: null });
  await status.recording(1);
  expect(eventsOf('b')).toEqual(['camera_offline', 'camera_online']);
});

it('forgets an outage of a camera that is switched off', async () => {
  const { status } = statusOf('c');
  await status.failed('no URL');
  await status.disabled('the camera is disabled');
  expect(rowOf('c')).toMatchObject({ state: 'disabled', lastError: null });
  await status.recording(1);
  expect(eventsOf('c')).toEqual(['recorder_error']);
});

it('says the same pause once', async () => {
  const { status, lines } = statusOf('d');
  await status.armed('armed');
  const written = rowOf('d')?.updatedAt;
  await test.clock.advance(1000);
  await status.armed('armed');
  expect(rowOf('d')?.updatedAt).toBe(written);
  expect(lines).toHaveLength(1);
  await status.started(9);
  await status.resting('armed');
  expect(rowOf('d')).toMatchObject({ recorderPid: null });
  expect(lines).toHaveLength(1);
});

it('tells once that sound is left out', async () => {
  const { status } = statusOf('e');
  await status.audioDropped('pcm_mulaw', 'no encoder');
  await status.audioDropped('pcm_mulaw', 'no encoder');
  expect(eventsOf('e')).toEqual(['audio_dropped']);
});
