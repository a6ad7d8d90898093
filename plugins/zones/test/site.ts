/** A site that runs this plugin, as its tests speak of it: who is seen where, what the zones tell, what the journal holds. */
import { createTestHost } from '@heldar/kernel/testing';
import zones from '../src/index.ts';

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
  /** A millisecond goes by. */
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
  const host = await createTestHost({ plugins: [zones], cameras, startAt: startTime });
  const call: Site['call'] = async (method, path, body) => {
    const response = await host.http(path, { method, ...(body === undefined ? {} : { body }) });
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
  };
  const list = async <Row>(path: string) => ((await call('GET', path)).body as Row[]).toReversed();
  return {
    call,
    async sight(camera, ...sightings) {
      const detections = sightings.map(({ x, y, track = '1', label = 'person' }) => ({
        label,
        confidence: 0.9,
        bbox: [x - 0.05, y - 0.2, 0.1, 0.2] as const,
        track_id: track,
      }));
      await host.ingest(camera, 'detection', detections);
    },
    pass: (seconds) => host.advance(seconds * 1000),
    tick: () => host.advance(1),
    zoneEvents: (camera) => list(`/api/v1/cameras/${camera}/zone-events`),
    journal: async () =>
      (await list<JournalEvent>('/api/v1/events')).filter(({ event_type: type }) => type.startsWith('zone_')),
    sql: (text) => host.rows(text),
    stop: () => host.stop(),
    start: () => host.start(),
    [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
  };
}
