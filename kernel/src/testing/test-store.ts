/** A real store in a folder of its own, with cameras, and a dispatcher beside it: for tests below the kernel. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDispatcher, type ConsumerSpec, type Dispatcher } from '../detections/dispatcher.ts';
import { createIngest, type Ingest, type IngestedBatch } from '../detections/ingest.ts';
import type { LaneFailure } from '../detections/lane.ts';
import { makeBatch } from '../detections/record.ts';
import { noWatch } from '../runtime/watchdog.ts';
import { openKeyring } from '../secrets/keyring.ts';
import { openWriter } from '../store/database.ts';
import { kernelMigrations } from '../store/kernel-migrations.ts';
import { migrate } from '../store/migrations/migrate.ts';
import { openStore, type Store } from '../store/store.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';

export interface TestStore {
  readonly store: Store;
  readonly dispatcher: Dispatcher;
  readonly ingest: Ingest;
  readonly clock: FakeClock;
  readonly failures: LaneFailure[];
  attach(spec: ConsumerSpec): Promise<{ detach(): Promise<void> }>;
  /** Ends everything as SIGKILL would, as far as one process can: nothing uncommitted is waited for. Answers a new one on the same file. */
  restart(): Promise<TestStore>;
  sql(text: string, ...params: unknown[]): unknown[];
  close(): Promise<void>;
}

/** `tables`: SQL run before the store opens, in place of a plugin's migrations. */
export async function openTestStore(
  options: { cameras?: readonly string[]; tables?: string } = {},
): Promise<TestStore> {
  const folder = mkdtempSync(join(tmpdir(), 'heldar-test-'));
  const file = join(folder, 'heldar.db');
  const clock = createFakeClock();
  const db = openWriter(file);
  migrate(db, kernelMigrations(), { clock, allowDrafts: false });
  const { cameras = ['gate', 'yard'] } = options;
  for (const [index, id] of cameras.entries()) {
    db.prepare('INSERT INTO camera_incarnations VALUES (?, ?, 0, NULL)').run(index + 1, id);
    db.prepare(
      `INSERT INTO cameras (id, incarnation, name, vendor, rtsp_port, record_stream, capabilities, record_enabled, segment_seconds,
         retention_hours, record_audio, record_mode, pre_roll_seconds, post_roll_seconds, mirror_enabled, anr_enabled, enabled, created_at, updated_at)
       VALUES (?, ?, ?, 'generic', 554, 'main', '{}', 0, 60, 24, 0, 'continuous', 0, 0, 0, 0, 1, 0, 0)`,
    ).run(id, index + 1, id);
  }
  if (options.tables !== undefined) db.exec(options.tables);
  db.close();
  return open({ folder, file, clock, cameras });
}

async function open(place: {
  folder: string;
  file: string;
  clock: FakeClock;
  cameras: readonly string[];
}): Promise<TestStore> {
  const { file, clock, cameras } = place;
  const failures: LaneFailure[] = [];
  const store = await openStore({
    file,
    clock,
    keyring: openKeyring(file, { key: null, keyFile: join(place.folder, 'secret.key') }),
    listeners: {
      onBatch(unit, seq, received, attachment) {
        const { cameraId, body } = attachment as IngestedBatch;
        const row = {
          seq,
          site_id: unit.siteId,
          type: unit.taskType,
          frame_id: unit.frameId,
          at_ms: unit.atMs,
          received,
        };
        const batch = makeBatch(cameraId, row, body);
        dispatcher.offer({ kind: 'batch', seq, incarnation: unit.incarnation, received, batch });
      },
      onRecord({ seq, incarnation, received, type, cameraId, payload }) {
        const record = { seq, type, cameraId, received, payload: JSON.parse(payload) as never };
        dispatcher.offer({ kind: 'record', seq, incarnation, received, record });
      },
      onJournal() {},
      onSettled: () => dispatcher.onSettled(),
      onExit(error) {
        throw error;
      },
    },
  });
  const dispatcher = createDispatcher({
    store,
    clock,
    random: () => 0.5,
    watch: noWatch,
    evidence: { pin() {}, keep() {}, drop() {} },
    onFailed: (_, failure) => failures.push(failure),
    onApplied() {},
  });
  dispatcher.start();
  const ingest = createIngest({
    store,
    camera: (id) =>
      cameras.includes(id) ? { incarnation: cameras.indexOf(id) + 1, siteId: null } : undefined,
    frameOf: () => null,
  });
  const end = async () => {
    await dispatcher.stop();
    await store.close();
  };
  return {
    store,
    dispatcher,
    ingest,
    clock,
    failures,
    attach: (spec) => dispatcher.attach(spec),
    async restart() {
      await end();
      return open(place);
    },
    sql: (text, ...params) => store.reader.prepare(text).all(...params),
    async close() {
      await end();
      rmSync(place.folder, { recursive: true, force: true });
    },
  };
}
