/** Do index and disk agree, and does each recording play? Asked of a kernel that has ended. */
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import Database from 'better-sqlite3';
import { execa } from 'execa';
import type { ProofSite } from './site.ts';

interface Row {
  readonly camera_id: string;
  readonly path: string;
  readonly start_time: number;
  readonly end_time: number;
}

export async function inventoryProblems({
  folder,
  cameras,
}: Pick<ProofSite, 'folder' | 'cameras'>): Promise<{ rows: number; problems: string[] }> {
  const problems: string[] = [];
  const recordings = folder.file('data/recordings');
  const rows = readRows(folder.file('data/heldar.db'));
  for (const row of rows) {
    const complaint = await playProblem(join(recordings, row.path));
    if (complaint !== null) problems.push(`${row.path} does not play: ${complaint}`);
  }
  for (const { name } of cameras) {
    const own = rows.filter(({ camera_id: id }) => id === name);
    const indexed = new Set(own.map(({ path }) => basename(path)));
    const onDisk = (await readdir(join(recordings, name))).filter((file) => file.endsWith('.mp4'));
    for (const file of onDisk) if (!indexed.has(file)) problems.push(`${name}/${file} has no row`);
    problems.push(...overlaps(own));
  }
  return { rows: rows.length, problems };
}

function readRows(file: string): Row[] {
  const db = new Database(file, { readonly: true });
  try {
    return db
      .prepare('SELECT camera_id, path, start_time, end_time FROM segments ORDER BY camera_id, start_time')
      .all() as Row[];
  } finally {
    db.close();
  }
}

function overlaps(rows: readonly Row[]): string[] {
  return rows.flatMap((row, index) => {
    const before = rows[index - 1];
    const problems = row.end_time > row.start_time ? [] : [`${row.path} has no length`];
    if (before !== undefined && before.end_time > row.start_time)
      problems.push(
        `${row.path} begins ${before.end_time - row.start_time} ms before the end of ${before.path}`,
      );
    return problems;
  });
}

/** null: pictures decode, without a complaint. */
async function playProblem(file: string): Promise<string | null> {
  const entries = ['-select_streams', 'v:0', '-count_frames', '-show_entries', 'stream=nb_read_frames'];
  const { stdout, stderr, exitCode } = await execa(
    'ffprobe',
    ['-v', 'error', ...entries, '-of', 'csv=p=0', file],
    { reject: false },
  );
  if (exitCode !== 0 || stderr !== '') return stderr;
  return Number(stdout) > 0 ? null : 'no picture';
}
