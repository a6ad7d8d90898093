/** How is a file answered: whole, one byte range of it, or not at all because the client has it. RFC 9110 sections 13 and 14. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { reply, type DeclaredReply, type Reply } from '@heldar/plugin-sdk';
import parseRange from 'range-parser';
import { HeldarError } from '../errors.ts';

/** What `serveFile` looks at, for the API document. */
export const fileRequestHeaders = {
  range: 'One range of bytes: `bytes=0-999`.',
  'if-modified-since': '304 unless it has changed since.',
  'if-unmodified-since': '412 if it has changed since.',
};

/** What `serveFile` answers, for the API document. */
export function fileReplies(contentType: string): Readonly<Record<number, DeclaredReply>> {
  const headers = { 'accept-ranges': '`bytes`', 'last-modified': 'When the file was written.' };
  const range = { 'content-range': 'Which bytes, of how many.' };
  return {
    200: { description: 'The file.', contentType, headers },
    206: { description: 'The range that was asked for.', contentType, headers: { ...headers, ...range } },
    304: { description: 'It has not changed.', headers },
    412: { description: 'It has changed.', headers },
    416: { description: 'The file does not hold that range, or several were asked for.', headers: range },
  };
}

type Headers = { readonly [name: string]: string | undefined };

/**
 * 200, 206 for a single range, 304 and 412 for the date conditions, 416 for a range that the file does not hold or for several.
 * @throws HeldarError `not_found` when it is not there.
 */
export async function serveFile(file: string, contentType: string, headers: Headers): Promise<Reply> {
  const found = await stat(file).catch(() => null);
  if (found?.isFile() !== true) throw new HeldarError('not_found', 'no such file');
  const { size: sizeBytes, mtimeMs: modifiedAt } = found;
  const read = (start: number, end: number) => createReadStream(file, { start, end });
  return serveRange({ sizeBytes, modifiedAt, contentType, read }, headers);
}

/** The same for what is in memory. `modifiedAt`: ms since the epoch. */
export function serveBytes(
  { bytes, contentType, modifiedAt }: { bytes: Uint8Array; contentType: string; modifiedAt: number },
  headers: Headers,
): Reply {
  const read = (start: number, end: number) => bytes.subarray(start, end + 1);
  return serveRange({ sizeBytes: bytes.length, modifiedAt, contentType, read }, headers);
}

interface Content {
  readonly sizeBytes: number;
  readonly modifiedAt: number;
  readonly contentType: string;
  /** The bytes from `start` to `end`, both included. */
  read(start: number, end: number): Reply['body'];
}

function serveRange(content: Content, headers: Headers): Reply {
  const { sizeBytes, contentType } = content;
  const modifiedAt = Math.floor(content.modifiedAt / 1000) * 1000;
  const base = { 'accept-ranges': 'bytes', 'last-modified': new Date(modifiedAt).toUTCString() };
  const unmodifiedSince = Date.parse(headers['if-unmodified-since'] ?? '');
  if (modifiedAt > unmodifiedSince) return reply({ status: 412, headers: base });
  const modifiedSince = Date.parse(headers['if-modified-since'] ?? '');
  if (modifiedAt <= modifiedSince) return reply({ status: 304, headers: base });

  const { range } = headers;
  const typed = { ...base, 'content-type': contentType };
  if (range === undefined) return part(content, 0, sizeBytes - 1, 200, typed);
  const ranges = parseRange(sizeBytes, range);
  const [only] = Array.isArray(ranges) ? ranges : [];
  if (!Array.isArray(ranges) || ranges.type !== 'bytes' || ranges.length !== 1 || only === undefined)
    return reply({ status: 416, headers: { ...base, 'content-range': `bytes */${sizeBytes}` } });
  const contentRange = `bytes ${only.start}-${only.end}/${sizeBytes}`;
  return part(content, only.start, only.end, 206, { ...typed, 'content-range': contentRange });
}

function part(
  content: Content,
  start: number,
  end: number,
  status: number,
  headers: Record<string, string>,
): Reply {
  const length = Math.max(0, end - start + 1);
  const body = length === 0 ? new Uint8Array() : content.read(start, end);
  return reply({ status, headers: { ...headers, 'content-length': String(length) }, body });
}
