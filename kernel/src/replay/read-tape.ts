/** What does a tape hold, and is it whole? Read from the front, checked line by line, and as a whole at its end. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { HeldarError, messageOf } from '../errors.ts';
import type { LogSource } from './log-source.ts';
import { parseHeader, parseLine, refuser, type TapeHeader, type TapeRow } from './tape-format.ts';

export interface Tape {
  readonly header: TapeHeader;
  /** Some records at a time, in log order; may be asked for more than once. @throws HeldarError `tape_invalid` naming line and cause. */
  rows(): AsyncGenerator<readonly TapeRow[]>;
  /** Reads all of it. @throws as `rows` does. */
  verify(): Promise<{ records: number; batches: number }>;
}

/** @throws HeldarError `usage` when there is no such file, `tape_invalid` when it does not begin like a tape. */
export async function openTape(file: string): Promise<Tape> {
  let header: TapeHeader | undefined;
  for await (const [first] of linesOf(file)) {
    header = parseHeader(first ?? '', file);
    break;
  }
  if (header === undefined) return refuser(file, 1)('the file is empty');
  const rows = () => rowsOf(file);
  return {
    header,
    rows,
    async verify() {
      const counts = { records: 0, batches: 0 };
      for await (const page of rows()) {
        counts.records += page.length;
        for (const { kind } of page) if (kind === 'batch') counts.batches += 1;
      }
      return counts;
    },
  };
}

/** For a replay. */
export function sourceOf(tape: Tape): LogSource {
  const { storeId, cameras } = tape.header;
  const ids = new Map(cameras.map(({ incarnation, id }) => [incarnation, id]));
  return {
    storeId,
    cameras,
    async *pages() {
      for await (const rows of tape.rows())
        yield rows.map((row) => ({
          ...row,
          camera_id: row.incarnation === null ? null : (ids.get(row.incarnation) ?? null),
        }));
    },
  };
}

async function* rowsOf(file: string): AsyncGenerator<readonly TapeRow[]> {
  const hash = createHash('sha256');
  let line = 0;
  let records = 0;
  let before = { seq: 0, received: 0 };
  let isWhole = false;
  let lives: ReadonlySet<number> = new Set();
  for await (const lines of linesOf(file)) {
    const rows: TapeRow[] = [];
    for (const text of lines) {
      line += 1;
      const refuse = refuser(file, line);
      if (isWhole) refuse('there is more behind the trailer');
      if (line === 1) {
        lives = new Set(parseHeader(text, file).cameras.map(({ incarnation }) => incarnation));
        hash.update(`${text}\n`);
        continue;
      }
      const parsed = parseLine(text, file, line);
      if ('trailer' in parsed) {
        const { trailer } = parsed;
        if (trailer.records !== records)
          refuse(
            `the trailer counts ${trailer.records} records, the tape holds ${records}: lines are missing`,
          );
        if (trailer.sha256 !== hash.digest('hex'))
          refuse('the tape does not fit its checksum: header or records were changed');
        isWhole = true;
        continue;
      }
      const { row } = parsed;
      if (row.seq <= before.seq || row.received < before.received)
        refuse(`record ${row.seq} is out of order behind ${before.seq}`);
      if (row.incarnation !== null && !lives.has(row.incarnation))
        refuse(`the header does not name the camera of record ${row.seq}`);
      before = row;
      records += 1;
      hash.update(`${text}\n`);
      rows.push(row);
    }
    if (rows.length > 0) yield rows;
  }
  if (!isWhole) refuser(file, line)('the tape ends behind this line without its trailer: it was cut off');
}

/** Characters; the longest body a worker may post is far below. */
const longestLine = 256 * 1024 * 1024;

/** Whole lines, some at a time; what stands behind the last end of line is a line too. */
async function* linesOf(file: string): AsyncGenerator<readonly string[]> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  let line = 0;
  try {
    for await (const bytes of await openBytes(file)) {
      const parts = (rest + decoder.write(bytes as Buffer)).split('\n');
      rest = parts.pop() ?? '';
      if (rest.length > longestLine) refuser(file, line + parts.length + 1)('the line does not end');
      line += parts.length;
      if (parts.length > 0) yield parts;
    }
  } catch (error) {
    if (error instanceof HeldarError) throw error;
    refuser(file, line)(`the tape can't be read behind this line: ${messageOf(error)}`);
  }
  rest += decoder.end();
  if (rest !== '') yield [rest];
}

/** By its first bytes, whatever it is called. */
async function openBytes(file: string): Promise<Readable> {
  const start = Buffer.alloc(4);
  try {
    await using handle = await open(file);
    await handle.read(start, 0, 4, 0);
  } catch (error) {
    throw new HeldarError('usage', `cannot read the tape ${file}: ${messageOf(error)}`, { cause: error });
  }
  const bytes = createReadStream(file);
  const decompress =
    start.readUInt16BE(0) === 0x1f8b
      ? createGunzip()
      : start.readUInt32LE(0) === 0xfd2fb528
        ? createZstdDecompress()
        : null;
  if (decompress === null) return bytes;
  bytes.on('error', (error) => decompress.destroy(error));
  return bytes.pipe(decompress);
}
