/** The least that can run this plugin: real SQLite, one commit a record, ticks in log time; for tests of the plugin alone. */
import { readFileSync } from 'node:fs';
import type {
  Batch,
  ControlRecord,
  Effects,
  Job,
  Json,
  KeyedState,
  Logger,
  RouteRequest,
  Schema,
  Statement,
  Tx,
} from '@heldar/plugin-sdk';
import Sqlite from 'better-sqlite3';
import { inArray } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import { zoneConsumer } from '../src/consumer.ts';
import { zoneEventsRoute } from '../src/event-routes.ts';
import type { ZoneMessages, ZoneRecords } from '../src/messages.ts';
import type { Database } from '../src/schema.ts';
import { zoneRoutes } from '../src/zone-routes.ts';
import type { LogRecord } from './oracle.ts';

const migration = readFileSync(new URL('../migrations/0001_zones.sql', import.meta.url), 'utf8');

export interface JournalEntry {
  readonly type: string;
  readonly payload: Json;
  readonly cameraId: string | null;
  readonly severity: string;
  readonly timestamp: number;
}

interface Lane {
  state: Map<string, string>;
  /** Log time of the latest tick or record. */
  time: number;
  lastTick: number;
}

export interface Host {
  readonly sqlite: Sqlite.Database;
  readonly log: LogRecord[];
  readonly journal: JournalEntry[];
  readonly kept: string[];
  readonly warnings: object[];
  /** Server time of the next append, ms. */
  now: number;
  /** Appends to the log and processes it; `crashes` first runs that many times without a commit. */
  append(record: Omit<LogRecord, 'seq' | 'received'>, crashes?: number): void;
  ticksUntil(time: number): void;
  stateOf(cameraId: string): ReadonlyMap<string, string>;
  call(method: string, path: string, request: CallInput): { status: number; body: unknown };
  /** Runs a job once and commits it. */
  run(make: (db: Database) => Job<ZoneMessages, ZoneRecords>): void;
  close(): void;
}

export interface CallInput {
  readonly params: { readonly [name: string]: string };
  readonly query?: { readonly [name: string]: string };
  readonly body?: Json;
  /** Cameras the caller may see; default: those named in `createHost`. */
  readonly cameras?: readonly string[];
  /** Runs after the handler and before its commit. */
  readonly meanwhile?: () => void;
}

export function createHost(cameras: readonly string[], startMs: number): Host {
  const sqlite = new Sqlite(':memory:');
  sqlite.exec(migration);
  const db = drizzle(sqlite);
  const warnings: object[] = [];
  const consumer = zoneConsumer(db, logTo(warnings));
  const routes = [...zoneRoutes(db), zoneEventsRoute(db)];
  const lanes = new Map<string, Lane>();
  const log: LogRecord[] = [];
  const journal: JournalEntry[] = [];
  const kept: string[] = [];

  const laneOf = (cameraId: string): Lane => {
    const lane = lanes.get(cameraId) ?? { state: new Map(), time: startMs, lastTick: 0 };
    lanes.set(cameraId, lane);
    return lane;
  };

  /** Runs one call, then commits all of it, or on a crash nothing. */
  const step = (cameraId: string, call: Step, crashes: number): void => {
    const lane = laneOf(cameraId);
    for (let attempt = 0; attempt <= crashes; attempt += 1) {
      const state = new Map(lane.state);
      const effects = recordEffects(cameraId, state, call);
      call.run(effects.fx);
      if (attempt < crashes) continue;
      sqlite.transaction(() => effects.statements.forEach((statement) => execute(sqlite, statement)))();
      lane.state = state;
      journal.push(...effects.journal);
      kept.push(...effects.kept);
    }
  };

  const runTicks = (cameraId: string, isDue: (tick: number) => boolean): void => {
    const lane = laneOf(cameraId);
    for (let tick = Math.ceil(lane.time / 1000) * 1000; isDue(tick); tick += 1000) {
      if (tick <= lane.lastTick) continue;
      if (lane.state.size === 0) break;
      const run = (fx: Effects<ZoneMessages>): unknown => consumer.tick?.run(fx);
      step(cameraId, { now: tick, origin: `${cameraId}/t${tick}`, hasFrame: false, run }, 0);
      lane.lastTick = tick;
    }
  };

  const host: Host = {
    sqlite,
    log,
    journal,
    kept,
    warnings,
    now: startMs,
    append(entry, crashes = 0) {
      const record: LogRecord = { ...entry, seq: log.length + 1, received: host.now };
      log.push(record);
      const { cameraId } = record;
      if (cameraId === null) return;
      runTicks(cameraId, (tick) => tick < record.received);
      const { frame } = record.body as unknown as { frame?: Json };
      const run = (fx: Effects<ZoneMessages>): unknown => {
        if (record.kind === 'batch') return consumer.consume(asBatch(record), fx);
        const handlers = consumer.records as {
          [type: string]: (record: ControlRecord, fx: unknown) => unknown;
        };
        return handlers[record.type.replace(/^zones\./, '')]?.(asControlRecord(record), fx);
      };
      const origin = `${cameraId}/s${record.seq}`;
      step(cameraId, { now: record.received, origin, hasFrame: (frame ?? null) !== null, run }, crashes);
      laneOf(cameraId).time = record.received;
      if (record.type === 'camera.deleted') lanes.delete(cameraId);
    },
    ticksUntil(time) {
      for (const cameraId of lanes.keys()) runTicks(cameraId, (tick) => tick <= time);
    },
    stateOf: (cameraId) => laneOf(cameraId).state,
    call(method, path, input) {
      const found = routes.find((route) => route.method === method && route.path === path);
      if (!found) throw new Error(`no route ${method} ${path}`);
      const { definition } = found;
      const tx = recordTx(host);
      const request = {
        params: check(definition.params as Schema | undefined, input.params),
        query: check(definition.query as Schema | undefined, input.query ?? {}),
        body: check(definition.body as Schema | undefined, input.body),
        principal: { id: 'system', name: 'system', role: 'admin', kind: 'system' },
        cameras: {
          owns: (column) => inArray(column, [...(input.cameras ?? cameras)]),
          includes: (id) => (input.cameras ?? cameras).includes(id),
        },
        tx: tx.tx,
        signal: new AbortController().signal,
        headers: {},
      } satisfies RouteRequest<unknown, unknown, unknown, ZoneMessages, ZoneRecords>;
      const body: unknown = definition.handle(request);
      input.meanwhile?.();
      tx.commit();
      if (definition.output) check(definition.output as Schema, body);
      return { status: definition.status ?? (definition.output ? 200 : 204), body };
    },
    run(make) {
      const tx = recordTx(host);
      void make(db).run({ signal: new AbortController().signal, now: host.now, tx: tx.tx });
      tx.commit();
    },
    close: () => sqlite.close(),
  };
  return host;
}

interface Step {
  readonly now: number;
  readonly origin: string;
  readonly hasFrame: boolean;
  run(fx: Effects<ZoneMessages>): unknown;
}

interface Rendered {
  readonly sql: string;
  readonly params: unknown[];
}

function recordEffects(cameraId: string, state: Map<string, string>, step: Step) {
  const statements: Rendered[] = [];
  const journal: JournalEntry[] = [];
  const kept: string[] = [];
  let ids = 0;
  const fx: Effects<ZoneMessages> = {
    now: step.now,
    state: keyedState(state),
    id: (prefix) => `${prefix}_${step.origin}/${(ids += 1)}`,
    write: (statement) => void statements.push(render(statement)),
    emit(type, payload, options = {}) {
      const { severity = 'info', timestamp = step.now } = options;
      journal.push({ type, payload, cameraId: options.cameraId ?? cameraId, severity, timestamp });
      return `event ${journal.length}`;
    },
    keepFrame(name) {
      if (!step.hasFrame) return null;
      kept.push(name);
      return `/media/snapshots/${name}`;
    },
    read: () => Promise.reject(new Error('this plugin reads nothing')),
  };
  return { fx, statements, journal, kept };
}

function recordTx(host: Host): { tx: Tx<ZoneMessages, ZoneRecords>; commit: () => void } {
  const writes: { statement: Rendered; expectChanges: number | undefined }[] = [];
  const records: Omit<LogRecord, 'seq' | 'received'>[] = [];
  const tx: Tx<ZoneMessages, ZoneRecords> = {
    now: host.now,
    id: (prefix) => `${prefix}_${String(host.log.length).padStart(32, '0')}`,
    write: (statement, { expectChanges } = {}) =>
      void writes.push({ statement: render(statement), expectChanges }),
    emit: () => {
      throw new Error('routes of this plugin emit nothing');
    },
    record: (type, payload, { cameraId }) =>
      void records.push({
        kind: 'record',
        type: `zones.${type}`,
        cameraId,
        at: host.now,
        body: JSON.parse(JSON.stringify(payload)) as Json,
      }),
    // This host has no audit log.
    audit() {},
  };
  const commit = host.sqlite.transaction(() => {
    for (const { statement, expectChanges } of writes) {
      const changes = execute(host.sqlite, statement);
      if (expectChanges !== undefined && changes !== expectChanges) throw new Error('conflict');
    }
  });
  return {
    tx,
    commit() {
      commit();
      for (const record of records) host.append(record);
    },
  };
}

export function keyedState(texts: Map<string, string>): KeyedState {
  return {
    // oxlint-disable-next-line no-unnecessary-type-parameters -- the signature of the interface
    get: <Value>(key: string) => parse(texts.get(key)) as Value | undefined,
    set: (key, value) => void texts.set(key, JSON.stringify(value)),
    delete: (key) => void texts.delete(key),
    has: (key) => texts.has(key),
    entries: <Value>(prefix = '') =>
      [...texts.keys()]
        .filter((key) => key.startsWith(prefix))
        .sort()
        .map((key): [string, Value] => [key, parse(texts.get(key)) as Value])
        .values(),
    get size() {
      return texts.size;
    },
  };
}

function parse(text: string | undefined): unknown {
  return text === undefined ? undefined : JSON.parse(text);
}

function asBatch(record: LogRecord): Batch {
  const { detections, frame } = record.body as unknown as Pick<Batch, 'detections' | 'frame'>;
  const { seq, cameraId, type, at, received } = record;
  return {
    seq,
    cameraId: cameraId ?? '',
    siteId: null,
    taskType: type,
    frameId: null,
    timestamp: at,
    received,
    frame,
    detections,
  };
}

function asControlRecord({ seq, type, cameraId, received, body }: LogRecord): ControlRecord {
  return { seq, type, cameraId, received, payload: body };
}

function render(statement: Statement): Rendered {
  if (!('toSQL' in statement)) throw new Error('this plugin writes through drizzle queries only');
  return statement.toSQL();
}

function execute(sqlite: Sqlite.Database, { sql, params }: Rendered): number {
  return sqlite.prepare(sql).run(...params).changes;
}

function check(schema: Schema | undefined, value: unknown): unknown {
  const result = schema?.['~standard'].validate(value);
  if (!result) return {};
  if (result instanceof Promise) throw new Error('schemas of this plugin are synchronous');
  if (result.issues) throw new Error(JSON.stringify(result.issues));
  return result.value;
}

function logTo(warnings: object[]): Logger {
  const warn = (data: object | string): void => void (typeof data === 'object' && warnings.push(data));
  return { debug: ignore, info: ignore, warn, error: ignore };
}

function ignore(): void {}
