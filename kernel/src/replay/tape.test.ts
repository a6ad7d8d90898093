/** Does a tape carry the log as it is, and is a damaged one refused with line and cause, leaving nothing? */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync, zstdDecompressSync } from 'node:zlib';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { lockDataFolder } from '../store/lock.ts';
import { openRecorded, type Recorded } from '../store/recorded-queries.ts';
import { openTestStore, type TestStore } from '../testing/test-store.ts';
import { importTape } from './import-tape.ts';
import { openTape } from './read-tape.ts';
import { writeTape } from './write-tape.ts';

let folder: string;
let host: TestStore;
let recorded: Recorded;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'heldar-tape-'));
  host = await openTestStore();
  for (let index = 0; index < 40; index += 1) {
    const camera = index % 2 === 0 ? 'gate' : 'yard';
    if (index % 10 === 0)
      await host.store.commit({
        kind: 'change',
        plugin: 'test',
        writes: [],
        events: [],
        records: [{ type: 'test.changed', cameraId: index === 0 ? null : camera, payload: `{"n":${index}}` }],
      });
    await host.ingest.accept({
      camera_id: camera,
      task_type: 'people',
      timestamp: '2026-01-01T00:00:00.123456Z',
      frame_id: index % 3 === 0 ? null : `f${index}`,
      detections: [
        { label: 'person', confidence: 0.5, bbox: null, track_id: '"ü\n', attributes: { n: index, 1: [] } },
        {
          label: index % 2 === 0 ? 'car' : null,
          confidence: null,
          bbox: [0, 1],
          track_id: null,
          attributes: null,
        },
      ],
      event: null,
    });
    await host.clock.advance(1000);
  }
  recorded = openRecorded(host.store.file);
});

afterAll(async () => {
  recorded[Symbol.dispose]();
  await host.close();
  rmSync(folder, { recursive: true, force: true });
});

const all = { from: null, to: null, cameras: null };

async function tapeAt(name: string, options: Partial<Parameters<typeof writeTape>[1]> = {}): Promise<string> {
  const file = join(folder, name);
  await writeTape(recorded, { ...all, ...options, file });
  return file;
}

function place(name: string): { dataDir: string; databaseFile: string } {
  return { dataDir: join(folder, name), databaseFile: join(folder, name, 'heldar.db') };
}

function logIn(database: string): unknown[] {
  const db = new Database(database, { readonly: true });
  try {
    // The key of its audit log is each store's own.
    const parts = ['log', 'log_labels', 'camera_incarnations', `meta WHERE key = 'store_id'`];
    return parts.map((part) => db.prepare(`SELECT * FROM ${part}`).all());
  } finally {
    db.close();
  }
}

test.each(['plain.jsonl', 'packed.jsonl.gz', 'packed.jsonl.zst'])(
  'a tape named %s brings the same log into an empty folder: sequences, times, bodies, labels, cameras, store',
  async (name) => {
    const file = await tapeAt(name);
    const into = place(`into-${name}`);
    expect(await importTape(await openTape(file), into)).toEqual({ records: 44, batches: 40 });
    expect(logIn(into.databaseFile)).toEqual(logIn(host.store.file));
    expect(existsSync(`${file}.part`)).toBe(false);
  },
);

test('what is ingested after an import follows in sequence, and cameras of a tape record nothing', async () => {
  const into = place('goes-on');
  await importTape(await openTape(await tapeAt('goes-on.jsonl')), into);
  const db = new Database(into.databaseFile);
  expect(db.prepare(`SELECT seq FROM sqlite_sequence WHERE name = 'log'`).get()).toEqual({ seq: 44 });
  expect(db.prepare('SELECT id, enabled, record_enabled, address FROM cameras ORDER BY id').all()).toEqual([
    { id: 'gate', enabled: 0, record_enabled: 0, address: null },
    { id: 'yard', enabled: 0, record_enabled: 0, address: null },
  ]);
  db.close();
});

test('a range holds its batches, and the control records from before it; a camera what belongs to it or to none', async () => {
  const [, at] = host.sql('SELECT received FROM log WHERE seq IN (1, 30) ORDER BY seq') as {
    received: number;
  }[];
  const from = at?.received ?? 0;
  const file = await tapeAt('range.jsonl', { from, to: from + 5000, cameras: ['gate'] });
  const rows = [];
  for await (const page of (await openTape(file)).rows()) rows.push(...page);
  expect(rows.filter(({ kind }) => kind === 'record').map(({ seq }) => seq)).toEqual([1, 12, 23, 34]);
  const batches = rows.filter(({ kind }) => kind === 'batch');
  expect(batches.map(({ received, incarnation }) => [received - from, incarnation])).toEqual([
    [0, 1],
    [2000, 1],
    [4000, 1],
  ]);
  await expect(tapeAt('none.jsonl', { cameras: ['roof'] })).rejects.toThrow(
    "there is no camera 'roof'; this store knows gate, yard",
  );
});

test('a file that exists is replaced only by a whole tape', async () => {
  const file = join(folder, 'nowhere', 'tape.jsonl');
  await expect(writeTape(recorded, { ...all, file })).rejects.toMatchObject({
    code: 'tape_invalid',
    message: expect.stringContaining('cannot write the tape') as string,
  });
});

/** `line`: from 1. */
function linesOf(text: string, line: number): { before: string[]; at: string; after: string[] } {
  const lines = text.split('\n');
  return { before: lines.slice(0, line - 1), at: lines[line - 1] ?? '', after: lines.slice(line) };
}

function withoutLine(text: string, line: number): string {
  const { before, after } = linesOf(text, line);
  return [...before, ...after].join('\n');
}

/** That line behind the one that follows it. */
function swapped(text: string, line: number): string {
  const { before, at, after } = linesOf(text, line);
  return [...before, after[0] ?? '', at, ...after.slice(1)].join('\n');
}

const damages: [what: string, damage: (text: string) => string, refusal: RegExp][] = [
  [
    'the end is cut off',
    (text) => text.slice(0, -400),
    /:45: the line is not JSON: it is damaged or cut off; next: export/,
  ],
  [
    'the trailer is gone',
    (text) => text.replace(/[^\n]*\n$/, ''),
    /:45: the tape ends behind this line without its trailer/,
  ],
  [
    'a body was changed',
    (text) => text.replace('\\"n\\":8', '\\"n\\":9'),
    /:\d+: the record does not fit its checksum/,
  ],
  [
    'a line is gone',
    (text) => withoutLine(text, 10),
    /:45: the trailer counts 44 records, the tape holds 43/,
  ],
  ['two lines changed places', (text) => swapped(text, 10), /:11: record 9 is out of order behind 10/],
  [
    'the header was changed',
    (text) => text.replace('"created_at":0', '"created_at":1'),
    /:46: the tape does not fit its checksum/,
  ],
  [
    'it is of another format',
    (text) => text.replace('"heldar_tape":1', '"heldar_tape":9'),
    /:1: the tape is of format 9, this kernel reads format 1/,
  ],
  ['it is something else', () => '{"name":"x"}\n', /:1: it is not a tape: the header is missing/],
  ['it is empty', () => '', /:1: the file is empty/],
  ['there is more behind the end', (text) => `${text}{}\n`, /:47: there is more behind the trailer/],
];

test.each(damages)('a tape is refused when %s, and nothing is stored', async (what, damage, refusal) => {
  const file = join(folder, `${what.replaceAll(' ', '-')}.jsonl`);
  writeFileSync(file, damage(readFileSync(await tapeAt('whole.jsonl'), 'utf8')));
  const into = place(what.replaceAll(' ', '-'));
  const run = async () => importTape(await openTape(file), into);
  await expect(run).rejects.toMatchObject({
    code: 'tape_invalid',
    message: expect.stringMatching(refusal) as string,
  });
  expect(existsSync(into.dataDir)).toBe(false);
});

test('a compressed tape that is cut off is refused where it ends, and one of damaged bytes is refused', async () => {
  const bytes = readFileSync(await tapeAt('cut.jsonl.gz'));
  const file = join(folder, 'half.jsonl.gz');
  writeFileSync(file, bytes.subarray(0, bytes.length - 30));
  const verified = async () => (await openTape(file)).verify();
  await expect(verified).rejects.toThrow(
    /half\.jsonl\.gz:\d+: the tape can't be read behind this line: unexpected end of file/,
  );
  const flipped = Buffer.from(gunzipSync(bytes));
  flipped[flipped.indexOf('person') + 2] = 0x80;
  writeFileSync(file, gzipSync(flipped));
  await expect(verified).rejects.toThrow(/half\.jsonl\.gz:\d+: the record does not fit its checksum/);
});

test('each line is JSON, and a tape is smaller when its name asks for it', async () => {
  const text = readFileSync(await tapeAt('lines.jsonl'), 'utf8');
  for (const line of text.trimEnd().split('\n')) expect(() => JSON.parse(line) as unknown).not.toThrow();
  const packed = readFileSync(await tapeAt('lines.jsonl.zst'));
  expect(zstdDecompressSync(packed).toString()).toBe(text);
  expect(packed.length).toBeLessThan(text.length / 3);
});

test('a folder that a kernel uses is left alone', async () => {
  const into = place('held');
  const lock = lockDataFolder(into.dataDir);
  await expect(importTape(await openTape(await tapeAt('held.jsonl')), into)).rejects.toMatchObject({
    code: 'data_locked',
  });
  lock.release();
});

test('a file that is not there is told as such', async () => {
  await expect(openTape(join(folder, 'none'))).rejects.toMatchObject({ code: 'usage' });
});
