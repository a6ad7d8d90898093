/** How does a part of the log become a tape? Line by line into a file beside it, which takes its name once it is whole. */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { extname } from 'node:path';
import { Readable, type Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip, createZstdCompress } from 'node:zlib';
import { HeldarError, messageOf } from '../errors.ts';
import type { Recorded } from '../store/recorded-queries.ts';
import type { CameraLife } from '../store/shadow-store.ts';
import { headerLine, recordLine, trailerLine, type TapeRow } from './tape-format.ts';

export interface TapeOptions {
  /** Ends in `.gz` or `.zst` to be compressed. */
  readonly file: string;
  /** Log time, ms, both ends included; null: all that is kept. */
  readonly from: number | null;
  readonly to: number | null;
  /** null: all of them. */
  readonly cameras: readonly string[] | null;
}

export interface WrittenTape {
  readonly records: number;
  readonly batches: number;
  /** Control records from before the range, kept so that plugins know what held when it began. */
  readonly before: number;
}

const pageSize = 1000;

/**
 * Writes batches and control records of the range, and the control records before it.
 * @throws HeldarError `usage` for a camera that never was, `tape_invalid` when the file can't be written.
 */
export async function writeTape(recorded: Recorded, options: TapeOptions): Promise<WrittenTape> {
  const lives = livesOf(recorded, options.cameras);
  const counts = { records: 0, batches: 0, before: 0 };
  const { file, from, to } = options;
  const header = headerLine({ storeId: recorded.storeId, from, to, cameras: lives });
  const wanted = new Set(lives.map(({ incarnation }) => incarnation));
  const rows = rowsOf(recorded, options, wanted, counts);
  const partial = `${file}.part`;
  try {
    await pipeline([
      Readable.from(linesOf(header, rows)),
      ...compressionOf(file),
      createWriteStream(partial, { mode: 0o600 }),
    ]);
    await sync(partial);
    await rename(partial, file);
  } catch (error) {
    await rm(partial, { force: true });
    throw new HeldarError('tape_invalid', `cannot write the tape ${file}: ${messageOf(error)}`, {
      cause: error,
    });
  }
  return counts;
}

async function sync(file: string): Promise<void> {
  await using handle = await open(file);
  await handle.sync();
}

function livesOf(recorded: Recorded, cameras: readonly string[] | null): CameraLife[] {
  if (cameras === null) return [...recorded.cameras];
  const known = new Set(recorded.cameras.map(({ id }) => id));
  const unknown = cameras.find((id) => !known.has(id));
  if (unknown !== undefined)
    throw new HeldarError(
      'usage',
      `there is no camera '${unknown}'; this store knows ${[...known].join(', ') || 'none'}`,
    );
  return recorded.cameras.filter(({ id }) => cameras.includes(id));
}

function* rowsOf(
  recorded: Recorded,
  { from, to }: TapeOptions,
  wanted: ReadonlySet<number>,
  counts: { records: number; batches: number; before: number },
): Generator<readonly TapeRow[]> {
  for (let seq = 0; ;) {
    const page = recorded.since({ after: seq, limit: pageSize, from: from ?? 0 });
    const last = page.at(-1);
    if (last === undefined) return;
    const rows = page.filter(
      ({ incarnation, received }) =>
        received <= (to ?? Number.MAX_SAFE_INTEGER) && (incarnation === null || wanted.has(incarnation)),
    );
    for (const { kind, received } of rows) {
      counts.records += 1;
      if (kind === 'batch') counts.batches += 1;
      if (received < (from ?? 0)) counts.before += 1;
    }
    yield rows;
    if (last.received > (to ?? Number.MAX_SAFE_INTEGER)) return;
    seq = last.seq;
  }
}

/** Text of many lines at a time. */
function* linesOf(header: string, pages: Iterable<readonly TapeRow[]>): Generator<string> {
  const hash = createHash('sha256');
  let records = 0;
  const counted = (text: string) => {
    hash.update(text);
    return text;
  };
  yield counted(`${header}\n`);
  for (const rows of pages) {
    if (rows.length === 0) continue;
    records += rows.length;
    yield counted(`${rows.map(recordLine).join('\n')}\n`);
  }
  yield `${trailerLine({ records, sha256: hash.digest('hex') })}\n`;
}

function compressionOf(file: string): Duplex[] {
  switch (extname(file)) {
    case '.gz':
      return [createGzip()];
    case '.zst':
      return [createZstdCompress()];
    default:
      return [];
  }
}
