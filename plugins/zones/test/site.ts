/** A real kernel that runs this plugin, under a clock that only a test moves, and that can be stopped and started again on its data. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKernel, type Clock } from '@heldar/kernel';
import Sqlite from 'better-sqlite3';

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export interface ZoneEvent {
  readonly id: string;
  readonly event_type: string;
  readonly timestamp: string;
  readonly [member: string]: unknown;
}

export interface JournalEvent {
  readonly event_type: string;
  readonly severity: string;
  readonly payload: unknown;
  readonly [member: string]: unknown;
}

/** A track whose ground point is there. */
export interface Sighting {
  readonly x: number;
  readonly y: number;
  readonly track?: string;
  readonly label?: string | null;
}

export interface Site extends AsyncDisposable {
  call(method: string, path: string, body?: unknown): Promise<Answer>;
  /** One batch, taken now, with what comes of it. */
  sight(camera: string, ...sightings: readonly Sighting[]): Promise<void>;
  /** Lets time go by, with what comes of it if the site runs. */
  pass(seconds: number): Promise<void>;
  /** A millisecond goes by; nothing is waited for. */
  tick(): Promise<void>;
  /** Oldest first. */
  zoneEvents(camera: string): Promise<ZoneEvent[]>;
  /** What the journal holds of this plugin, oldest first. */
  journal(): Promise<JournalEvent[]>;
  sql<Row>(text: string): Row[];
  stop(): Promise<void>;
  start(): Promise<void>;
}

export const startTime = Date.UTC(2026, 0, 31, 12);

export async function startSite(cameras: readonly string[] = ['gate']): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), 'heldar-zones-'));
  const clock = createStandingClock(startTime);
  const make = () =>
    createKernel({
      // By name, as the kernel itself loads it.
      config: { plugins: ['@heldar/plugin-zones'] },
      cwd: import.meta.dirname,
      env: { PATH: process.env['PATH'], HELDAR_DATA_DIR: folder, HELDAR_API_PORT: '0', HELDAR_LOG: 'off' },
      clock,
      blockLimitMs: null,
    });
  let kernel = make();
  let isRunning = false;
  const start = async () => {
    kernel = make();
    await kernel.start();
    const [zones] = kernel.plugins();
    if (zones?.state !== 'running') throw new Error(JSON.stringify(zones?.failure));
    isRunning = true;
    await kernel.quiet();
  };
  const call: Site['call'] = async (method, path, body) => {
    const response = await kernel.inject(path, { method, ...(body === undefined ? {} : { body }) });
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
  };
  const list = async <Row>(path: string) => ((await call('GET', path)).body as Row[]).toReversed();
  await start();
  for (const id of cameras) await call('POST', '/api/v1/cameras', { id, name: id, record_enabled: false });
  return {
    call,
    async sight(camera_id, ...sightings) {
      const detections = sightings.map(({ x, y, track = '1', label = 'person' }) => ({
        label,
        confidence: 0.9,
        bbox: [x - 0.05, y - 0.2, 0.1, 0.2],
        track_id: track,
      }));
      const { status, body } = await call('POST', '/api/v1/ai/events', {
        camera_id,
        task_type: 'detection',
        detections,
      });
      if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`);
      await kernel.quiet();
    },
    async pass(seconds) {
      await clock.advance(seconds * 1000);
      if (isRunning) await kernel.quiet();
    },
    tick: () => clock.advance(1),
    zoneEvents: (camera) => list(`/api/v1/cameras/${camera}/zone-events`),
    journal: async () =>
      (await list<JournalEvent>('/api/v1/events')).filter(({ event_type: type }) => type.startsWith('zone_')),
    sql<Row>(text: string) {
      const db = new Sqlite(join(folder, 'heldar.db'), { readonly: true });
      try {
        return db.prepare(text).all() as Row[];
      } finally {
        db.close();
      }
    },
    async stop() {
      isRunning = false;
      await kernel.stop();
    },
    start,
    async [Symbol.asyncDispose]() {
      await kernel.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Stands still until it is moved; then it runs what falls due on the way, in order. */
function createStandingClock(start: number): Clock & { advance(ms: number): Promise<void> } {
  let now = start;
  let timers: { readonly at: number; readonly run: () => void }[] = [];
  return {
    now: () => now,
    monotonic: () => now - start,
    after(ms, run) {
      const timer = { at: now + Math.max(0, ms), run };
      timers.push(timer);
      return () => void (timers = timers.filter((other) => other !== timer));
    },
    async advance(ms) {
      const end = now + ms;
      for (;;) {
        const [next] = timers.filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at);
        if (next === undefined) break;
        timers = timers.filter((other) => other !== next);
        now = Math.max(now, next.at);
        next.run();
        await new Promise((resolve) => setImmediate(resolve));
      }
      now = end;
    },
  };
}
