/** Does a scrape hold every metric of the contract with the values of the store? */
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readDisk } from '../../observe/disk.ts';
import { createMetrics } from '../../observe/metrics.ts';
import type { RuntimeSample } from '../../observe/runtime-families.ts';
import { openWriter } from '../../store/database.ts';
import { createMetricsQueries } from '../../store/metrics-queries.ts';
import { openTestStore, type TestStore } from '../../testing/test-store.ts';
import { testHttp } from '../http-for-tests.ts';
import { metricsRoutes } from './metrics.ts';

let testStore: TestStore;
beforeAll(async () => {
  testStore = await openTestStore();
});
afterAll(() => testStore.close());

const runtime: RuntimeSample = {
  ingest: { batches: 7, duplicates: 1, detections: 9, refusedBusy: 0, queueUnits: 2, queueBytes: 300 },
  consumers: [{ plugin: 'zones', consumer: 'tracks', lagRecords: 4, parked: 1 }],
  plugins: [
    {
      plugin: 'zones',
      state: 'running',
      faults: 2,
      tier: 'worker',
      restarts: 3,
      memoryBytes: 1000,
      measured: { blockMs: 12.5 },
    },
  ],
  http: { requests: 1, streams: 0 },
  loopDelay: { mean: 0.001, p99: 0.002, max: 0.5 },
};

async function scrape(options: { disk?: boolean; runtime?: Partial<RuntimeSample> } = {}) {
  const metrics = createMetrics({
    version: '0.1.0',
    clock: testStore.clock,
    store: createMetricsQueries(testStore.store.reader),
    disk: options.disk === false ? () => readDisk('/nowhere/at/all') : () => readDisk(tmpdir()),
    runtime: () => ({ ...runtime, ...options.runtime }),
  });
  const { http } = testHttp(metricsRoutes(metrics));
  await http.inject('/metrics');
  return http.inject('/metrics');
}

test('a scrape has the exact content type and needs a credential', async () => {
  const response = await scrape();
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  const metrics = { contentType: 'text/plain', expose: async () => '' };
  const refused = await testHttp(metricsRoutes(metrics)).http.inject('/metrics', {
    headers: { 'x-role': 'none' },
  });
  expect(refused.status).toBe(401);
});

test('every family has its help and type, also without series', async () => {
  const text = await (await scrape()).text();
  const types = Object.fromEntries(
    [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => [name, type]),
  );
  expect(types).toMatchObject({
    heldar_build_info: 'gauge',
    heldar_cameras_total: 'gauge',
    heldar_cameras_recording: 'gauge',
    heldar_segments_total: 'gauge',
    heldar_recordings_bytes: 'gauge',
    heldar_ai_tasks_enabled: 'gauge',
    heldar_detections_stored: 'gauge',
    heldar_disk_total_bytes: 'gauge',
    heldar_disk_free_bytes: 'gauge',
    heldar_disk_used_percent: 'gauge',
    heldar_camera_up: 'gauge',
    heldar_camera_reconnects_total: 'counter',
    heldar_camera_segments_written_total: 'counter',
    heldar_camera_bitrate_kbps: 'gauge',
    heldar_camera_last_segment_age_seconds: 'gauge',
  });
  for (const name of Object.keys(types)) expect(text).toContain(`# HELP ${name} `);
});

test('values are those of the store at the time of the scrape', async () => {
  await testStore.ingest.accept({
    camera_id: 'gate',
    task_type: 't',
    timestamp: null,
    frame_id: null,
    event: null,
    detections: [{ label: 'a', confidence: null, bbox: null, track_id: null, attributes: {} }],
  });
  const db = openWriter(testStore.store.file);
  db.exec(`
    INSERT INTO camera_status (camera_id, state, last_segment_at, reconnect_count, segments_written, bitrate_kbps, updated_at)
    VALUES ('gate', 'recording', ${testStore.clock.now() - 4700}, 3, 12, 512.5, 0), ('yard', 'offline', NULL, 0, 0, NULL, 0);
    INSERT INTO segment_totals (camera_id, segment_count, size_bytes) VALUES ('', 12, 3456)
      ON CONFLICT DO UPDATE SET segment_count = 12, size_bytes = 3456;
  `);
  db.close();
  const text = await (await scrape()).text();
  const lines = text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#') && !line.startsWith('heldar_disk'));
  expect(lines).toEqual([
    'heldar_build_info{version="0.1.0"} 1',
    'heldar_cameras_total 2',
    'heldar_cameras_recording 1',
    'heldar_segments_total 12',
    'heldar_recordings_bytes 3456',
    'heldar_ai_tasks_enabled 0',
    'heldar_detections_stored 1',
    'heldar_camera_up{camera="gate",state="recording"} 1',
    'heldar_camera_up{camera="yard",state="offline"} 0',
    'heldar_camera_reconnects_total{camera="gate"} 3',
    'heldar_camera_reconnects_total{camera="yard"} 0',
    'heldar_camera_segments_written_total{camera="gate"} 12',
    'heldar_camera_segments_written_total{camera="yard"} 0',
    'heldar_camera_bitrate_kbps{camera="gate"} 512.5',
    'heldar_camera_last_segment_age_seconds{camera="gate"} 4',
    'heldar_ingest_batches_total 7',
    'heldar_ingest_duplicates_total 1',
    'heldar_ingest_detections_total 9',
    'heldar_ingest_refused_busy_total 0',
    'heldar_ingest_queue_units 2',
    'heldar_ingest_queue_bytes 300',
    'heldar_http_requests 1',
    'heldar_http_streams 0',
    'heldar_consumer_lag_records{plugin="zones",consumer="tracks"} 4',
    'heldar_consumer_parked{plugin="zones",consumer="tracks"} 1',
    'heldar_plugin_state{plugin="zones",state="running"} 1',
    'heldar_plugin_tier{plugin="zones",tier="worker"} 1',
    'heldar_plugin_isolate_restarts{plugin="zones"} 3',
    'heldar_plugin_isolate_memory_bytes{plugin="zones"} 1000',
    'heldar_plugin_budget_use{plugin="zones",budget="blockMs"} 12.5',
    'heldar_plugin_faults_total{plugin="zones"} 2',
    'heldar_event_loop_delay_seconds{stat="mean"} 0.001',
    'heldar_event_loop_delay_seconds{stat="p99"} 0.002',
    'heldar_event_loop_delay_seconds{stat="max"} 0.5',
  ]);
});

test('an unreadable disk has no series, a readable one plausible ones', async () => {
  expect(await (await scrape({ disk: false })).text()).not.toMatch(/^heldar_disk_/m);
  const text = await (await scrape()).text();
  const value = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
  expect(value('heldar_disk_total_bytes')).toBeGreaterThan(value('heldar_disk_free_bytes'));
  expect(value('heldar_disk_used_percent')).toBeGreaterThan(0);
  expect(value('heldar_disk_used_percent')).toBeLessThanOrEqual(100);
});

test('label values are escaped and hold no line break', async () => {
  const [zones] = runtime.plugins;
  const plugins = zones === undefined ? [] : [{ ...zones, plugin: 'a"b\\c\nd', state: 'failed' }];
  const text = await (await scrape({ runtime: { plugins } })).text();
  expect(text).toContain('heldar_plugin_state{plugin="a\\"b\\\\c d",state="failed"} 1');
});
