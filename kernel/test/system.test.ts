import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openWriter } from '../src/store/database.ts';
import { startRig, type KernelRig } from './kernel-rig.ts';
import { until } from './until.ts';

let rig: KernelRig;
const hourMs = 3_600_000;

beforeAll(async () => {
  rig = await startRig({
    cameras: ['gate', 'yard'],
    config: { retention: { minFreeDiskGb: 0, maxRecordingsGb: 4 / 2 ** 20 } },
  });
  // What is added below is not to meet the sweep of the start.
  await until('the sweep of the start', async () => {
    const { body } = await rig.call('GET', '/api/v1/system/retention');
    return (body as { last_sweep: object | null }).last_sweep;
  });
});
afterAll(() => rig[Symbol.asyncDispose]());

/** Rows as the indexer writes them; no files belong to them. */
function seed(cameraId: string, startTime: number, sizeBytes: number): void {
  const db = openWriter(join(rig.folder, 'heldar.db'));
  const endTime = startTime + 60_000;
  const id = `seg_${cameraId}_${startTime}`;
  db.prepare(
    `INSERT INTO segments (id, camera_id, path, start_time, end_time, size_bytes, created_at) VALUES (?, ?, ?, ?, ?, ?, 0)`,
  ).run(id, cameraId, `${cameraId}/${id}.mp4`, startTime, endTime, sizeBytes);
  for (const owner of [cameraId, ''])
    db.prepare(
      `INSERT INTO segment_totals (camera_id, segment_count, size_bytes) VALUES (?, 1, ?)
       ON CONFLICT (camera_id) DO UPDATE SET segment_count = segment_count + 1, size_bytes = size_bytes + excluded.size_bytes`,
    ).run(owner, sizeBytes);
  db.prepare(
    `INSERT INTO written_hours (hour, size_bytes) VALUES (?, ?)
     ON CONFLICT (hour) DO UPDATE SET size_bytes = size_bytes + excluded.size_bytes`,
  ).run(Math.floor(endTime / hourMs), sizeBytes);
  db.close();
}

describe('the system report', () => {
  test('of a new node knows its disk and nothing recorded', async () => {
    const { status, body } = await rig.call('GET', '/api/v1/system');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      name: 'Heldar',
      uptime_seconds: 0,
      recorder_enabled: true,
      cameras_total: 2,
      cameras_recording: 0,
      active_recorders: 0,
      segments_total: 0,
      recordings_bytes: 0,
      recordings_gb: 0,
      max_recordings_gb: 4 / 2 ** 20,
      storage: {
        recordings_bytes: 0,
        segment_count: 0,
        oldest_segment: null,
        newest_segment: null,
        write_rate_bytes_per_day: 0,
        projected_days_remaining: null,
      },
      remote_access: {
        enabled: false,
        kind: 'none',
        iface: null,
        present: false,
        operstate: null,
        up: false,
      },
      disk_health_ok: true,
      last_disk_alert_at: null,
      live_transcode_engine: 'software',
    });
    const { disk } = (body as { storage: { disk: Record<string, number> } }).storage;
    expect(Object.keys(disk).sort()).toEqual(['free_bytes', 'total_bytes', 'used_bytes', 'used_percent']);
    expect(disk['total_bytes']).toBeGreaterThanOrEqual(disk['used_bytes'] ?? Number.NaN);
  });

  test('counts what is recorded, and how fast, from totals; and how long the disk lasts', async () => {
    const now = rig.clock.now();
    seed('gate', now - 40 * hourMs, 1000);
    seed('gate', now - 2 * hourMs, 2000);
    seed('yard', now - hourMs, 3000);
    await rig.clock.advance(5000);
    const { body } = await rig.call('GET', '/api/v1/system');
    expect(body).toMatchObject({
      uptime_seconds: 5,
      segments_total: 3,
      recordings_bytes: 6000,
      recordings_gb: 6000 / 2 ** 30,
      storage: {
        oldest_segment: new Date(now - 40 * hourMs).toISOString().replace('.000', ''),
        newest_segment: new Date(now - hourMs + 60_000).toISOString().replace('.000', ''),
        write_rate_bytes_per_day: 5000,
      },
    });
    const { storage } = body as {
      storage: { disk: { free_bytes: number }; projected_days_remaining: number };
    };
    expect(storage.projected_days_remaining).toBeCloseTo(storage.disk.free_bytes / 5000, 3);
  });

  test('comes with what retention takes next, and why', async () => {
    const { status, body } = await rig.call('GET', '/api/v1/system/retention');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      limits: { max_recordings_bytes: 4096, min_free_bytes: 0 },
      roots: [{ root: '', state: 'ours' }],
      cameras: [
        { camera_id: 'gate', size_bytes: 3000, held_bytes: 0, share_bytes: 2048, quota_bytes: null },
        { camera_id: 'yard', size_bytes: 3000, share_bytes: 2048 },
      ],
      next: [
        { reason: 'age', root: null, bytes: 1000, segments: [{ camera_id: 'gate', size_bytes: 1000 }] },
        { reason: 'size_cap', bytes: 4000, segments: [{ camera_id: 'gate' }, { camera_id: 'yard' }] },
      ],
      standing: [],
      last_sweep: { deleted: 0, failed: [] },
    });
  });

  test('calls the disks unhealthy for a while after an alert', async () => {
    const db = openWriter(join(rig.folder, 'heldar.db'));
    const at = rig.clock.now();
    db.prepare(
      `INSERT INTO events (id, event_type, severity, at_ms, payload, created_at, source)
       VALUES ('e1', 'disk_smart_warning', 'warning', ?, '{}', ?, 'kernel')`,
    ).run(at, at);
    db.close();
    const health = async () => (await rig.call('GET', '/api/v1/system')).body;
    const told = { last_disk_alert_at: new Date(at).toISOString().replace('.000', '') };
    expect(await health()).toMatchObject({ disk_health_ok: false, ...told });
    await rig.clock.advance(901_000);
    expect(await health()).toMatchObject({ disk_health_ok: true, ...told });
  });
});
