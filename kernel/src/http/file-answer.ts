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
  const { size, mtime } = await stat(file).catch(() => {
    throw new HeldarError('not_found', 'no such file');
  });
  const base = { 'accept-ranges': 'bytes', 'last-modified': mtime.toUTCString() };
  const modifiedAt = Math.floor(mtime.getTime() / 1000) * 1000;
  const unmodifiedSince = Date.parse(headers['if-unmodified-since'] ?? '');
  if (modifiedAt > unmodifiedSince) return reply({ status: 412, headers: base });
  const modifiedSince = Date.parse(headers['if-modified-since'] ?? '');
  if (modifiedAt <= modifiedSince) return reply({ status: 304, headers: base });

  const { range } = headers;
  if (range === undefined) return bytes(file, 0, size - 1, 200, { ...base, 'content-type': contentType });
  const ranges = parseRange(size, range);
  const [only] = Array.isArray(ranges) ? ranges : [];
  if (!Array.isArray(ranges) || ranges.type !== 'bytes' || ranges.length !== 1 || only === undefined)
    return reply({ status: 416, headers: { ...base, 'content-range': `bytes */${size}` } });
  return bytes(file, only.start, only.end, 206, {
    ...base,
    'content-type': contentType,
    'content-range': `bytes ${only.start}-${only.end}/${size}`,
  });
}

function bytes(
  file: string,
  start: number,
  end: number,
  status: number,
  headers: Record<string, string>,
): Reply {
  const length = end - start + 1;
  const body = length <= 0 ? new Uint8Array() : createReadStream(file, { start, end });
  return reply({ status, headers: { ...headers, 'content-length': String(Math.max(0, length)) }, body });
}
