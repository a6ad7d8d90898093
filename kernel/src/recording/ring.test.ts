import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { collectingLog, type LogLine } from '../http/http-for-tests.ts';
import { createFakeClock, type FakeClock } from '../testing/fake-clock.ts';
import type { StorageFault } from './folder-identity.ts';
import type { IndexedRun } from './indexer.ts';
import { createRing, type KeptTime, type Ring } from './ring.ts';

const camera = { id: 'gate', siteId: null, incarnation: 1 };
const attempt: IndexedRun = { camera, root: '', startedAt: 0, intendedSince: 0, previousEnd: null };
const preRollMs = 5000;

let root: string;
let clock: FakeClock;
let ring: Ring;
let states: string[];
/** Cause, null where it is recorded again, and since when, ms before now. */
let outages: [string | null, number][];
/** Why the recordings folder takes nothing now. */
let fault: StorageFault | null;
let lines: LogLine[];
let indexed: { file: string; intendedSince: number; run: IndexedRun }[];
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'heldar-ring-'));
  clock = createFakeClock();
  [states, outages, lines, indexed, fault] = [[], [], [], [], null];
  ring = createRing({
    camera,
    folder: root,
    destination: join(root, 'recordings'),
    rootFault: () => Promise.resolve(fault),
    order: { preRollMs, keep: null, detail: 'armed' },
    indexer: {
      now: () => clock.now(),
      async index(run, { file }) {
        indexed.push({ file, intendedSince: run.intendedSince, run });
        return true;
      },
    },
    status: {
      async recording() {
        states.push('recording');
      },
      async armed(detail) {
        states.push(detail);
      },
      async failed(reason) {
        states.push(`error: ${reason}`);
      },
    },
    outages: {
      begin: (cause, at = clock.now()) => void outages.push([cause, clock.now() - at]),
      end: (at = clock.now()) => void outages.push([null, clock.now() - at]),
    },
    clock,
    onDiskFull() {},
    log: collectingLog(lines),
  });
  await ring.flows(0);
});
afterEach(() => rm(root, { recursive: true, force: true }));

let files = 0;
/** A second passes in which a file is written. */
async function second(): Promise<string> {
  const file = `w0123456789abcdef_${String((files += 1)).padStart(6, '0')}.mp4`;
  await writeFile(join(root, file), 'pictures');
  await clock.advance(1000);
  await ring.closed(attempt, { file, lastGrowthAt: null, isLive: true });
  return file;
}
async function seconds(count: number): Promise<string[]> {
  const made: string[] = [];
  for (let index = 0; index < count; index += 1) made.push(await second());
  return made;
}
const kept = async () => (await readdir(root)).filter((name) => name.endsWith('.mp4')).sort();
const keep = (time: Omit<KeptTime, 'intendedSince'>) =>
  ring.follow({ preRollMs, keep: { ...time, intendedSince: 42 }, detail: '' });
const rest = () => ring.follow({ preRollMs, keep: null, detail: 'armed' });

it('keeps the pre-roll and a file more, and records nothing', async () => {
  const made = await seconds(60);
  expect(await kept()).toEqual(made.slice(-6));
  expect(indexed).toEqual([]);
  expect(states).toEqual(['armed']);
  expect(made.map((file) => ring.holds(file)).filter(Boolean)).toHaveLength(6);
});

it('gives a trigger the file in which its pre-roll begins and all up to the one in which it ends', async () => {
  const before = await seconds(20);
  const now = clock.monotonic();
  await keep({ from: now - 4500, until: now + 2500 });
  expect(indexed.map(({ file }) => file)).toEqual(before.slice(-5));
  const after = await seconds(2);
  await rest();
  const last = await seconds(4);
  expect(indexed.map(({ file }) => file)).toEqual([...before.slice(-5), ...after, last[0]]);
  expect(new Set(indexed.map(({ run }) => run)).size).toBe(1);
  expect(indexed[0]?.intendedSince).toBe(42);
  expect(states).toEqual(['armed', 'recording', 'armed']);
  // That nobody asks for it is for the camera's duty to tell.
  expect(outages).toEqual([[null, 4500]]);
  expect(await kept()).toEqual(last.slice(1));

  // The next recording stands for itself.
  await keep({ from: clock.monotonic() - 1000, until: clock.monotonic() + 1000 });
  expect(new Set(indexed.map(({ run }) => run)).size).toBe(2);
});

it('says nothing of a stream that does not flow, and is right when it flows again', async () => {
  ring.ended('camera_offline', clock.now());
  await keep({ from: clock.monotonic(), until: clock.monotonic() + 60_000 });
  expect(states).toEqual(['armed']);
  await ring.flows(0);
  expect(states).toEqual(['armed', 'recording']);
});

it('keeps what could not be moved and tries again with the next file', async () => {
  const made = await seconds(3);
  await writeFile(join(root, 'recordings'), 'in the way');
  await keep({ from: 0, until: clock.monotonic() + 60_000 });
  expect(indexed).toEqual([]);
  expect(lines.map(({ level }) => level)).toEqual(['error']);
  await rm(join(root, 'recordings'));
  const next = await second();
  expect(indexed.map(({ file }) => file)).toEqual([...made, next]);
});

it('tells of an outage only while a trigger counts, from where its recording should begin', async () => {
  await seconds(10);
  ring.ended('stalled', clock.now());
  await clock.advance(2000);
  await ring.flows(0);
  await seconds(1);
  expect(outages).toEqual([]);
  // It stood still within the pre-roll.
  await keep({ from: clock.monotonic() - 4000, until: clock.monotonic() + 60_000 });
  expect(outages).toEqual([
    ['stalled', 3000],
    [null, 1000],
  ]);
  ring.ended('camera_offline', clock.now());
  await clock.advance(1000);
  await ring.flows(0);
  expect(outages.slice(2)).toEqual([
    ['camera_offline', 0],
    [null, 0],
  ]);
  await rest();
  ring.ended('camera_offline', clock.now());
  await clock.advance(60_000);
  expect(outages).toHaveLength(4);
  // The trigger comes when nothing has flowed for long.
  await keep({ from: clock.monotonic() - 4000, until: clock.monotonic() + 60_000 });
  expect(outages.slice(4)).toEqual([['camera_offline', 4000]]);
});

it('keeps what its root does not take, within a limit, and gives it when the root takes it', async () => {
  const before = await seconds(8);
  fault = { reason: 'missing', detail: 'no marker' };
  await keep({ from: clock.monotonic() - 3000, until: clock.monotonic() + 2000 });
  await rest();
  const after = await seconds(3);
  expect(indexed).toEqual([]);
  expect(existsSync(join(root, 'recordings'))).toBe(false);
  expect(states).toEqual(['armed', 'recording', 'error: no marker']);
  expect(outages).toEqual([
    [null, 3000],
    ['disk', 3000],
  ]);
  fault = null;
  await seconds(1);
  expect(indexed.map(({ file }) => file)).toEqual([...before.slice(-3), ...after.slice(0, 2)]);
  expect(states.at(-1)).toBe('armed');

  fault = { reason: 'full', detail: 'full' };
  await keep({ from: clock.monotonic() - 1000, until: clock.monotonic() + 60_000 });
  await seconds(20);
  await ring.dispose();
  expect(await kept()).not.toEqual([]);
  await seconds(400);
  expect((await kept()).length).toBeLessThan(350);
});

it('says the same thing once, however often triggers come', async () => {
  for (let times = 1; times <= 3; times += 1)
    await keep({ from: 0, until: clock.monotonic() + times * 1000 });
  expect(states).toEqual(['armed', 'recording']);
});

it('leaves nothing behind', async () => {
  await seconds(3);
  await ring.dispose();
  expect(existsSync(root)).toBe(false);
});
