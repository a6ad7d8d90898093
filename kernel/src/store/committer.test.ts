import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { openKeyring } from '../secrets/keyring.ts';
import { createFakeClock } from '../testing/fake-clock.ts';
import type { CommitListeners } from './committer.ts';
import { openWriter } from './database.ts';
import { kernelMigrations } from './kernel-migrations.ts';
import { migrate } from './migrations/migrate.ts';
import { openStore, type Store } from './store.ts';
import type { NewRecord } from './units.ts';

const clock = createFakeClock();
const started = clock.now();
let close: (() => Promise<void>) | null = null;
afterEach(async () => {
  await close?.();
  close = null;
});

/** A store with one record in its log, and a lane whose latest tick is `tick`. */
async function open(listeners: Partial<CommitListeners>, tick = 0): Promise<Store> {
  const folder = mkdtempSync(join(tmpdir(), 'heldar-test-'));
  const file = join(folder, 'heldar.db');
  const db = openWriter(file);
  migrate(db, kernelMigrations(), { clock, allowDrafts: false });
  db.exec(`INSERT INTO consumers VALUES (1, 'consumer', 'test', 'ticking', 'all', 1, 0, 0);
    INSERT INTO lanes VALUES (1, 0, 0, ${tick});
    INSERT INTO log (kind, type, at_ms, at_ns, received, n, body) VALUES ('record', 'test.x', 0, 0, ${started}, 0, 'null')`);
  db.close();
  const nothing = { onBatch() {}, onRecord() {}, onJournal() {}, onSettled() {}, onExit() {} };
  const store = await openStore({
    file,
    clock,
    keyring: openKeyring(file, { key: null, keyFile: join(folder, 'secret.key') }),
    listeners: { ...nothing, ...listeners },
  });
  close = async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  };
  return store;
}

function note(store: Store) {
  const record: NewRecord = { type: 'test.x', cameraId: null, payload: 'null' };
  return store.commit({ kind: 'change', plugin: 'test', writes: [], events: [], records: [record] });
}

test('a time is not passed while a listener has yet to hear of a record of that time, durable as it may be', async () => {
  const heard: { received: number; passed: boolean }[] = [];
  const store = await open({
    onRecord({ received }) {
      heard.push({ received, passed: store.committer.passTime(received) });
    },
  });
  // One group, all of the same log time.
  await Promise.all([note(store), note(store), note(store)]);
  expect(heard).toEqual([false, false, true].map((passed) => ({ received: started, passed })));
});

test('log time begins behind the latest tick, where the clock was set back, and never before the latest record', async () => {
  const times: number[] = [];
  const store = await open({ onRecord: ({ received }) => void times.push(received) }, started + 60_000);
  await note(store);
  await close?.();
  const other = await open({ onRecord: ({ received }) => void times.push(received) }, started - 60_000);
  await note(other);
  expect(times).toEqual([started + 60_001, started]);
});

test('an abandoned store forgets what waits; what was sent may be durable, and nobody hears of either', async () => {
  let heard = 0;
  const store = await open({ onRecord: () => void (heard += 1), onSettled: () => void (heard += 1) });
  const sent = note(store);
  // Sent in the next turn; the thread answers in a later one.
  await new Promise((resolve) => setImmediate(resolve));
  const waiting = note(store);
  const abandoned = store.committer.abandon();
  await expect(sent).rejects.toThrow(/abandoned/);
  await expect(waiting).rejects.toThrow(/abandoned/);
  await abandoned;
  await expect(note(store)).rejects.toThrow(/abandoned/);
  expect(store.reader.prepare('SELECT count(*) FROM log').pluck().get()).toBe(2);
  expect(heard).toBe(0);
});

test('what is accepted while the store closes is durable and answered, whichever answer it came behind', async () => {
  const behind = {
    'a unit': (store: Store) => note(store),
    'an operation of its own': (store: Store) =>
      store.committer.exclusive('plugin.forget-snapshot', {
        file: join(tmpdir(), 'heldar-test-no-snapshot'),
      }),
  };
  for (const [what, ask] of Object.entries(behind)) {
    const store = await open({});
    const accepted = ask(store).then(() => note(store));
    const closed = close?.();
    close = null;
    await expect(accepted, what).resolves.toBeDefined();
    await closed;
    await expect(note(store), what).rejects.toThrow(/is closing/);
  }
});

test('a store that is abandoned while it closes is closed all the same', async () => {
  const store = await open({});
  const sent = note(store);
  const closed = close?.();
  close = null;
  const abandoned = store.committer.abandon();
  await expect(sent).rejects.toThrow(/abandoned/);
  await abandoned;
  await closed;
});
