/** Does `heldar doctor` find what is wrong with a site, say what to do, and change nothing? */
import { createHash } from 'node:crypto';
import {
  cpSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
  closeSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { folderWith, type TemporaryFolder } from './folder-with.ts';
import { runHeldar, startHeldar } from './heldar-command.ts';
import { fixturePlugin } from './site-rig.ts';

const files = { 'heldar.config.ts': `export default { plugins: ['${fixturePlugin('steady')}'] };` };
const street = fileURLToPath(new URL('../../examples/media/street.mp4', import.meta.url));
let original: TemporaryFolder;
let folder: TemporaryFolder;

/** A site that has run: a camera, batches, two recordings. */
beforeAll(async () => {
  folder = original = folderWith(files);
  await using heldar = await startHeldar(original.path);
  await heldar.call('POST', '/api/v1/cameras', { id: 'gate', name: 'gate', record_enabled: false });
  await heldar.call('POST', '/api/v1/ai/events', {
    camera_id: 'gate',
    task_type: 'people',
    frame_id: 'a',
    detections: [],
  });
  await heldar.stop();
  change((db) => {
    const insert = db.prepare(
      `INSERT INTO segments (id, camera_id, path, start_time, end_time, size_bytes, created_at) VALUES (?, 'gate', ?, 0, 1, ?, 0)`,
    );
    for (const [index, name] of ['20260101_000000.mp4', '20260101_000100.mp4'].entries()) {
      record(`gate/${name}`, 100 + index);
      insert.run(`seg_${index}`, `gate/${name}`, 100 + index);
    }
  });
});
afterAll(() => original[Symbol.dispose]());
beforeEach(() => {
  folder = folderWith(files);
  cpSync(original.file('data'), folder.file('data'), { recursive: true });
});
afterEach(() => folder[Symbol.dispose]());

function change(work: (db: Database.Database) => void): void {
  const db = new Database(folder.file('data/heldar.db'));
  try {
    db.pragma('foreign_keys = OFF');
    work(db);
    db.pragma('wal_checkpoint(TRUNCATE)');
  } finally {
    db.close();
  }
}

function record(path: string, sizeBytes: number): void {
  const file = folder.file(join('data/recordings', path));
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, Buffer.alloc(sizeBytes));
}

const doctor = (env: Record<string, string> = {}) => runHeldar(folder.path, ['doctor'], env);
const failuresIn = (out: string) => out.split('\n').filter((line) => line.startsWith('✖'));

test('a healthy site passes every check, and nothing is changed by looking', async () => {
  const before = fingerprint(folder.path);
  const { code, out, err } = await doctor();
  expect(err).toBe('');
  expect(code).toBe(0);
  expect(out.split('\n').filter((line) => line !== '')).toEqual([
    expect.stringMatching(/^✔ composition: .*heldar\.config\.ts \(production\)$/),
    expect.stringMatching(/^✔ Node \d+\.\d+\.\d+, heldar \d/),
    expect.stringMatching(/^✔ ffmpeg \S+ \(.*ffmpeg, .*ffprobe\)$/),
    expect.stringMatching(/^✔ data folder: .*\/data is writable$/),
    expect.stringMatching(/^✔ recordings folder: .* is writable$/),
    expect.stringMatching(/^✔ snapshots folder: .* is writable$/),
    '✔ data folder: no kernel is running on it',
    expect.stringMatching(/^✔ disk of .*: \d+\.\d GiB of \d+\.\d GiB free$/),
    expect.stringMatching(/^✔ disk of .*recordings: /),
    '✔ plugin steady 1.4.0',
    expect.stringMatching(/^✔ database: .*heldar\.db opens \(SQLite 3/),
    expect.stringMatching(/^✔ migrations: \d+ applied$/),
    '✔ database: its pages are whole (quick_check)',
    '✔ database: the kernel’s tables are what its code expects',
    '✔ database: every reference has its row (foreign_key_check)',
    '✔ database: every cursor stands within its log',
    '✔ database: nothing is parked',
    '✔ recordings: all 2 indexed files are there, with their size',
    '✔ recordings: all 2 closed files are indexed',
    '✔ recordings: nothing waits to be deleted',
    '✔ recordings: nothing is in quarantine',
  ]);
  expect(fingerprint(folder.path)).toEqual(before);
});

test('it can be asked while a kernel runs, and before one ever ran', async () => {
  {
    await using heldar = await startHeldar(folder.path);
    const { code, out } = await doctor();
    expect(heldar.starts).toBe(1);
    expect(out).toContain('✔ data folder: a kernel is running on it');
    expect(code).toBe(0);
  }
  using empty = folderWith({});
  const { code, out } = await runHeldar(empty.path, ['doctor']);
  expect(code).toBe(0);
  expect(out).toMatch(/^✔ composition: none, no plugins/);
  expect(out).toMatch(/✔ data folder: .* is not there yet; a start creates it/);
  expect(out).toMatch(/✔ database: .* is not there yet; a start creates it/);
  expect(readdirSync(empty.path).sort()).toEqual(['node_modules', 'package.json']);
});

test.for<[string, (db: Database.Database) => void, string, string]>([
  [
    'a cursor behind the end of the log',
    (db) => db.exec('UPDATE lanes SET seq = 999'),
    '✖ database: cursors stand behind the end of their log',
    'steady.seen, lane 1: 999, the log ends at',
  ],
  [
    'a row without its parent',
    (db) => db.exec(`DELETE FROM cameras WHERE id = 'gate'`),
    '✖ database: rows refer to what is gone',
    'of segments, in cameras',
  ],
  [
    'a table of the kernel that was changed',
    (db) => db.exec('ALTER TABLE sites ADD COLUMN colour TEXT'),
    '✖ database: the kernel’s tables differ from its code',
    'sites.colour: in the database, not in the code',
  ],
  [
    'a migration that was edited',
    (db) => db.exec(`UPDATE schema_migrations SET checksum = 'x' WHERE owner = 'steady'`),
    '✖ migrations: steady 0001_seen is edited',
    'next: restore the files (heldar migrate status shows them)',
  ],
  [
    'something parked',
    (db) =>
      db.exec(
        `INSERT INTO parked SELECT 'park_1', id, 1, 'record', 1, 'null', 'no', 5, 0 FROM consumers LIMIT 1`,
      ),
    '✖ database: 1 parked items wait for a decision',
    'next: heldar parked list',
  ],
  [
    'a recording that is gone',
    (db) => db.exec(`UPDATE segments SET path = 'gate/20260101_000200.mp4' WHERE id = 'seg_1'`),
    '✖ recordings: 1 of 2 indexed files are not as the index says',
    'gate/20260101_000200.mp4: there is no such file',
  ],
  [
    'a recording of another size',
    (db) => db.exec(`UPDATE segments SET size_bytes = 7 WHERE id = 'seg_0'`),
    '✖ recordings: 1 of 2 indexed files are not as the index says',
    'gate/20260101_000000.mp4: 100 bytes, the index says 7',
  ],
  [
    'a recording without a row',
    (db) => db.exec(`DELETE FROM segments WHERE id = 'seg_0'`),
    '✖ recordings: 1 of 2 closed files are not indexed',
    'gate/20260101_000000.mp4',
  ],
  [
    'a file that waits to be deleted',
    (db) =>
      db.exec(
        `INSERT INTO garbage (kind, root, path, size_bytes, since) VALUES ('segment', '', 'gate/x.mp4', 1, 0)`,
      ),
    '✖ recordings: 1 files wait to be deleted',
    'gate/x.mp4',
  ],
  [
    'a file in quarantine',
    (db) =>
      db.exec(
        `INSERT INTO quarantined (root, path, camera_id, reason, size_bytes, since) VALUES ('', '.quarantine/gate/x.mp4', 'gate', 'no header', 1, 0)`,
      ),
    '✖ recordings: 1 files are in quarantine: they can’t be read as footage',
    '.quarantine/gate/x.mp4: no header',
  ],
  [
    'footage in a root that the settings do not name',
    (db) => db.exec(`UPDATE segments SET root = 'nas' WHERE id = 'seg_0'`),
    '✖ recordings root nas: 1 segments lie in it, and it is not in the settings',
    'next: name it: HELDAR_RECORDINGS_ROOTS=nas=/where/it/lies',
  ],
])('%s is found', async ([, spoil, problem, detail]) => {
  change(spoil);
  const { code, out, err } = await doctor();
  expect(failuresIn(out)).toContain(problem);
  expect(out).toContain(detail);
  expect(code).toBe(1);
  expect(err).toMatch(/^✖ \d+ of \d+ checks found something wrong\n$/);
});

test('a damaged database is found', async () => {
  const file = openSync(folder.file('data/heldar.db'), 'r+');
  const pages = Math.floor(statSync(folder.file('data/heldar.db')).size / 4096);
  for (let page = 4; page < pages; page += 1) writeSync(file, Buffer.alloc(2048, 0xff), 0, 2048, page * 4096);
  closeSync(file);
  const { code, out } = await doctor();
  expect(code).toBe(1);
  expect(failuresIn(out).join('\n')).toMatch(/✖ database: (it is damaged \(quick_check\)|.*malformed)/);
});

test('the disk of another site is not compared with this index', async () => {
  writeFileSync(folder.file('data/recordings/.heldar-store'), 'ffffffffffff\n');
  const { code, out } = await doctor();
  expect(code).toBe(1);
  expect(failuresIn(out)).toEqual([
    expect.stringMatching(/^✖ recordings: .* belongs to another store \(ffffffffffff, not /),
  ]);
});

describe('--repair', () => {
  const repair = (args: string[] = [], env: Record<string, string> = {}) =>
    runHeldar(folder.path, ['doctor', '--repair', ...args], env);

  test('makes the index fit the files, and says so: gone, grown, never indexed, to be deleted', async () => {
    cpSync(street, folder.file('data/recordings/gate/20260101_000500.mp4'));
    record('gate/20260101_000000.mp4', 555);
    record('gate/20260101_000900.mp4', 9);
    change((db) => {
      db.exec(`UPDATE segments SET path = 'gate/20260101_000200.mp4' WHERE id = 'seg_1'`);
      db.exec(
        `INSERT INTO garbage (kind, root, path, size_bytes, since) VALUES ('segment', '', 'gate/20260101_000900.mp4', 9, 0)`,
      );
    });
    rmSync(folder.file('data/recordings/gate/20260101_000100.mp4'));
    expect((await doctor()).code).toBe(1);

    const { code, out, err } = await repair();
    expect(err).toBe('');
    expect(out.split('\n').filter((line) => line !== '')).toEqual([
      '✔ default: 1 rows dropped whose file is gone, 1 sizes put right',
      '✔ default: 1 files adopted that were not indexed',
      '✔ garbage: 1 files deleted',
    ]);
    expect(code).toBe(0);
    expect(readdirSync(folder.file('data/recordings/gate')).sort()).toEqual([
      '20260101_000000.mp4',
      '20260101_000500.mp4',
    ]);
    expect((await doctor()).out).toContain('✔ recordings: all 2 indexed files are there, with their size');
  });

  test('rebuilds the index of a lost database once its cameras exist, and touches no file before', async () => {
    rmSync(folder.file('data/recordings/gate'), { recursive: true });
    mkdirSync(folder.file('data/recordings/gate'), { recursive: true });
    cpSync(street, folder.file('data/recordings/gate/20260101_000500.mp4'));
    writeFileSync(folder.file('data/recordings/.heldar-store'), 'ffffffffffff\n');
    change((db) => db.exec('DELETE FROM segments; DELETE FROM segment_totals'));
    const refused = await repair();
    expect(refused.out).toContain('✖ default: left alone. the recordings folder belongs to another store');
    expect(readFileSync(folder.file('data/recordings/.heldar-store'), 'utf8')).toBe('ffffffffffff\n');
    const { out } = await repair(['--adopt', 'default']);
    expect(out).toContain('✔ default: taken over');
    expect(out).toContain('✔ default: 1 files adopted that were not indexed');
    expect(failuresIn((await doctor()).out)).toEqual([]);
  });

  test('is refused while a kernel runs, and for a root that nobody named', async () => {
    const unknown = await repair(['--adopt', 'nas']);
    expect(unknown.err).toContain('--adopt nas: there is no such recordings root; there are default');
    await using _ = await startHeldar(folder.path);
    const { code, err } = await repair();
    expect(code).toBe(1);
    expect(err).toContain('is in use by another kernel');
  });
});

test('a missing ffmpeg and a plugin that would not start are told with the next step, and the rest is looked at', async () => {
  writeFileSync(folder.file('heldar.config.ts'), `export default { plugins: ['./none.ts'] };`);
  const { code, out } = await doctor({ HELDAR_FFMPEG_BIN: '/nowhere/ffmpeg' });
  expect(code).toBe(1);
  expect(failuresIn(out)).toEqual([
    expect.stringContaining('✖ ffmpeg: /nowhere/ffmpeg was not found'),
    expect.stringContaining('✖ plugin ./none.ts: cannot find ./none.ts'),
    '✖ migrations: steady 0001_seen is missing',
  ]);
  expect(out).toContain('next: install FFmpeg');
});

test('a composition that cannot be read is the only finding', async () => {
  writeFileSync(folder.file('heldar.config.ts'), 'export default { api: { port: "x" } };');
  const { code, out } = await doctor();
  expect(code).toBe(1);
  expect(failuresIn(out)).toEqual(['✖ the configuration has a problem']);
  expect(out).toMatch(/heldar\.config\.ts:1:\d+/);
});

/** Every file with its content, but for SQLite's own index of a write-ahead log, which a reader makes. */
function fingerprint(path: string): Record<string, string> {
  const entries = readdirSync(path, { recursive: true, withFileTypes: true }).filter(
    (entry) =>
      entry.isFile() && !/-(?:shm|wal)$/.test(entry.name) && !entry.parentPath.includes('node_modules'),
  );
  return Object.fromEntries(
    entries.map(({ parentPath, name }) => [
      join(parentPath, name),
      createHash('sha256')
        .update(readFileSync(join(parentPath, name)))
        .digest('hex'),
    ]),
  );
}
