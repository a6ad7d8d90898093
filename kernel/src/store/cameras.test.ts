import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cameraCreateBody, newCamera } from '../cameras/validation.ts';
import { openTestStore, type TestStore } from '../testing/test-store.ts';
import { readCamera, readCameraSecrets, readCameraStatus, wasDeleted } from './camera-queries.ts';
import { openWriter } from './database.ts';
import { listSegments, segmentTotalsOf } from './segment-queries.ts';

const defaults = {
  segmentSeconds: 60,
  retentionHours: 24,
  quotaGb: 0,
  recordAudio: false,
  preRollSeconds: 10,
  postRollSeconds: 30,
};
const camera = (body: object) => newCamera(cameraCreateBody.parse({ name: 'Door', ...body }), defaults);

let test: TestStore;
beforeEach(async () => {
  test = await openTestStore({ cameras: [] });
});
afterEach(() => test.close());

const records = () =>
  test.sql('SELECT type, incarnation, body AS payload FROM log WHERE kind = ? ORDER BY seq', 'record');
const addSegment = (incarnation: number, index: number) =>
  test.store.write('segments.add', {
    incarnation,
    segment: {
      id: `seg_${incarnation}_${index}`,
      path: `door/${incarnation}_${index}.mp4`,
      startTime: index * 1000,
      endTime: index * 1000 + 1000,
      codec: 'h264',
      width: 640,
      height: 480,
      sizeBytes: 100,
    },
    live: { fpsObserved: 10, bitrateKbps: 0.8 },
  });

describe('a camera in the store', () => {
  it('is created with secrets apart, status unknown, and a record in its own lane', async () => {
    const { incarnation } = await test.store.write(
      'cameras.create',
      camera({ password: 'secret', main_stream_url: 'rtsp://cam/' }),
    );
    expect(readCamera(test.store.read, 'door')).toMatchObject({ incarnation, name: 'Door', enabled: true });
    expect(readCameraSecrets(test.store, 'door')).toMatchObject({
      password: 'secret',
      mainStreamUrl: 'rtsp://cam/',
    });
    expect(readCameraStatus(test.store.read, 'door')).toMatchObject({ state: 'unknown', reconnectCount: 0 });
    expect(records()).toEqual([
      { type: 'camera.created', incarnation, payload: JSON.stringify({ camera_id: 'door' }) },
    ]);
  });

  it('refuses a taken id and an unknown site, leaving nothing behind', async () => {
    await test.store.write('cameras.create', camera({}));
    await expect(test.store.write('cameras.create', camera({}))).rejects.toMatchObject({ code: 'conflict' });
    await expect(
      test.store.write('cameras.create', camera({ id: 'other', site_id: 'nowhere' })),
    ).rejects.toMatchObject({ code: 'bad_request', message: expect.stringContaining('site_id') });
    expect(test.sql('SELECT count(*) AS n FROM camera_incarnations')).toEqual([{ n: 1 }]);
  });

  it('is changed only from the version that was read', async () => {
    const { createdAt } = await test.store.write('cameras.create', camera({}));
    const change = (expectedUpdatedAt: number, columns: object) =>
      test.store.write('cameras.update', {
        id: 'door',
        expectedUpdatedAt,
        columns,
        secrets: { password: null },
      });
    const { updatedAt } = await change(createdAt, { name: 'Front door', siteId: null });
    expect(updatedAt).toBeGreaterThan(createdAt);
    await expect(change(createdAt, { name: 'Late' })).rejects.toMatchObject({ code: 'conflict' });
    expect(readCamera(test.store.read, 'door')).toMatchObject({ name: 'Front door', updatedAt });
    await expect(
      test.store.write('cameras.update', { id: 'none', expectedUpdatedAt: 0, columns: {}, secrets: {} }),
    ).rejects.toMatchObject({ code: 'not_found' });
  });

  it('is deleted with what hangs on it, the record of it in its lane, and begins a new life when created again', async () => {
    const first = await test.store.write('cameras.create', camera({}));
    await addSegment(first.incarnation, 1);
    await test.store.write('cameras.delete', { id: 'door' });
    expect(wasDeleted(test.store.read, 'door')).toBe(true);
    expect(readCameraSecrets(test.store, 'door').password).toBeNull();
    expect(segmentTotalsOf(test.store.read, '')).toMatchObject({ segmentCount: 0, sizeBytes: 0 });
    const second = await test.store.write('cameras.create', camera({}));
    expect(second.incarnation).not.toBe(first.incarnation);
    expect(wasDeleted(test.store.read, 'door')).toBe(false);
    expect(records()).toMatchObject([
      { type: 'camera.created', incarnation: first.incarnation },
      { type: 'camera.deleted', incarnation: first.incarnation },
      { type: 'camera.created', incarnation: second.incarnation },
    ]);
    // What still arrives for the first life changes nothing of the second.
    expect(await addSegment(first.incarnation, 2)).toBe(false);
    const change = { state: 'recording' as const };
    expect(await test.store.write('cameras.status', { incarnation: first.incarnation, change })).toBe(false);
    expect(readCameraStatus(test.store.read, 'door')?.state).toBe('unknown');
  });

  it('takes a status together with the events that tell of it', async () => {
    const { incarnation } = await test.store.write('cameras.create', camera({}));
    const event = {
      id: 'e1',
      cameraId: 'door',
      siteId: null,
      type: 'camera_offline',
      severity: 'warning',
      atMs: 1,
      payload: '{}',
      source: 'kernel',
    };
    const change = { state: 'offline' as const, lastError: 'gone', recorderPid: null, reconnects: 1 };
    await test.store.write('cameras.status', { incarnation, change, events: [event] });
    // The same event again: the unit fails whole, and the state stays.
    await expect(
      test.store.write('cameras.status', { incarnation, change: { state: 'error' }, events: [event] }),
    ).rejects.toMatchObject({ code: 'conflict' });
    expect(readCameraStatus(test.store.read, 'door')).toMatchObject({ state: 'offline', reconnectCount: 1 });
    expect(test.sql('SELECT event_type FROM events')).toEqual([{ event_type: 'camera_offline' }]);
  });

  it('stays while footage of it is held as evidence', async () => {
    const { incarnation } = await test.store.write('cameras.create', camera({}));
    await addSegment(incarnation, 1);
    const db = openWriter(test.store.file);
    db.exec('UPDATE segments SET evidence_locked = 1');
    db.close();
    await expect(test.store.write('cameras.delete', { id: 'door' })).rejects.toMatchObject({
      code: 'conflict',
    });
    expect(readCamera(test.store.read, 'door')).toBeDefined();
    expect(records()).toHaveLength(1);
    expect(await test.store.write('segments.prune', { ids: [`seg_${incarnation}_1`] })).toEqual([]);
    expect(listSegments(test.store.read, 'door', {}, 10)).toHaveLength(1);
  });
});
