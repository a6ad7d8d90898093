/** What stands in a tape: a header, a line a log record with its checksum, and a trailer over all of it. */
import { crc32 } from 'node:zlib';
import { HeldarError } from '../errors.ts';
import type { StoredRecord } from '../store/recorded-queries.ts';
import type { CameraLife } from '../store/shadow-store.ts';

export const tapeVersion = 1;

/** A record without what the header says of its camera. */
export type TapeRow = Omit<StoredRecord, 'camera_id'>;

export interface TapeHeader {
  /** Ids derive from it. */
  readonly storeId: string;
  /** What was asked for, log time, ms; null: from the first record, to the last. */
  readonly from: number | null;
  readonly to: number | null;
  /** Every life of the cameras whose records it holds. */
  readonly cameras: readonly CameraLife[];
}

export interface TapeTrailer {
  readonly records: number;
  /** Of all lines before it, their ends included; hex. */
  readonly sha256: string;
}

/** All without the end of the line. */
export function headerLine({ storeId, from, to, cameras }: TapeHeader): string {
  return JSON.stringify({
    heldar_tape: tapeVersion,
    store_id: storeId,
    from,
    to,
    cameras: cameras.map(({ incarnation, id, createdAt, deletedAt }) => ({
      incarnation,
      id,
      created_at: createdAt,
      deleted_at: deletedAt,
    })),
  });
}

/** The body stays the text it is in the log, so that nothing is written anew. */
export function recordLine(row: TapeRow): string {
  const { seq, kind, incarnation, site_id, type, frame_id, at_ms, at_ns, received, n, body } = row;
  const text = JSON.stringify({
    seq,
    kind,
    incarnation,
    site_id,
    type,
    frame_id,
    at_ms,
    at_ns,
    received,
    n,
    body,
  });
  return `${text.slice(0, -1)},"crc":"${checksumOf(text)}"}`;
}

export function trailerLine({ records, sha256 }: TapeTrailer): string {
  return JSON.stringify({ records, sha256 });
}

/** @throws HeldarError `tape_invalid`; `file` and the line number go into its text. */
export function parseHeader(text: string, file: string): TapeHeader {
  const refuse = refuser(file, 1);
  const header = parse(text, refuse);
  const version = header['heldar_tape'];
  if (version === undefined) return refuse('it is not a tape: the header is missing');
  if (version !== tapeVersion)
    return refuse(
      `the tape is of format ${JSON.stringify(version)}, this kernel reads format ${tapeVersion}`,
      'use the kernel that wrote it, or export it again',
    );
  const { store_id: storeId, cameras } = header;
  const [from, to] = [header['from'] ?? null, header['to'] ?? null];
  if (typeof storeId !== 'string' || !/^[0-9a-f]{12}$/.test(storeId))
    return refuse('the header names no store');
  if (!isTimeOrNull(from) || !isTimeOrNull(to)) return refuse('the header gives no range');
  if (!Array.isArray(cameras)) return refuse('the header names no cameras');
  return { storeId, from, to, cameras: cameras.map((camera) => cameraLife(camera, refuse)) };
}

function cameraLife(value: unknown, refuse: Refuse): CameraLife {
  const { incarnation, id, created_at, deleted_at } = (value ?? {}) as Record<string, unknown>;
  if (!isWhole(incarnation) || typeof id !== 'string' || !isWhole(created_at) || !isTimeOrNull(deleted_at))
    return refuse('a camera in the header is incomplete');
  return { incarnation, id, createdAt: created_at, deletedAt: deleted_at };
}

export type TapeLine = { readonly row: TapeRow } | { readonly trailer: TapeTrailer };

/** @throws HeldarError `tape_invalid`. */
export function parseLine(text: string, file: string, line: number): TapeLine {
  const refuse = refuser(file, line);
  const value = parse(text, refuse);
  if (value['sha256'] !== undefined) {
    const { records, sha256 } = value;
    if (!isWhole(records) || typeof sha256 !== 'string') return refuse('the trailer is incomplete');
    return { trailer: { records, sha256 } };
  }
  const [, kept, crc] = /^(.*),"crc":"([0-9a-f]{8})"\}$/s.exec(text) ?? [];
  if (kept === undefined || crc === undefined) return refuse('the record has no checksum');
  if (checksumOf(`${kept}}`) !== crc) return refuse('the record does not fit its checksum: it was changed');
  return { row: tapeRow(value, refuse) };
}

function tapeRow(value: Record<string, unknown>, refuse: Refuse): TapeRow {
  const { seq, kind, incarnation, site_id, type, frame_id, at_ms, at_ns, received, n, body } = value;
  if (!isWhole(seq) || seq < 1) return refuse('the record has no sequence');
  if (kind !== 'batch' && kind !== 'record') return refuse(`there is no kind ${JSON.stringify(kind)}`);
  if (!isWholeOrNull(incarnation) || (kind === 'batch' && incarnation === null))
    return refuse('the record does not say which camera it is of');
  if (typeof type !== 'string') return refuse('the record has no type');
  if (!isTextOrNull(site_id) || !isTextOrNull(frame_id) || !isTextOrNull(body))
    return refuse('site_id, frame_id and body must be text or null');
  if (!Number.isSafeInteger(at_ms) || !isWhole(at_ns) || !isWhole(received) || !isWhole(n))
    return refuse('at_ms, at_ns, received and n must be whole numbers');
  return {
    seq,
    kind,
    incarnation,
    site_id,
    type,
    frame_id,
    at_ms: at_ms as number,
    at_ns,
    received,
    n,
    body,
  };
}

type Refuse = (cause: string, next?: string) => never;

/** Refuses a tape at one of its lines. */
export function refuser(file: string, line: number): Refuse {
  return (cause, next = 'export the tape again, or copy it again from where it is whole') => {
    throw new HeldarError('tape_invalid', `${file}:${line}: ${cause}; next: ${next}`, {
      details: { file, line },
    });
  };
}

function parse(text: string, refuse: Refuse): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refuse('the line is not JSON: it is damaged or cut off');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return refuse('the line is not an object');
  return value as Record<string, unknown>;
}

function checksumOf(text: string): string {
  return crc32(text).toString(16).padStart(8, '0');
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isWholeOrNull(value: unknown): value is number | null {
  return value === null || isWhole(value);
}

const isTimeOrNull = isWholeOrNull;

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === 'string';
}
