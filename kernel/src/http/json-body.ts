/** What JSON did the caller send? Size and content type are judged before a byte is read. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { getRawBody, type RawBodyError } from 'raw-body';
import { HeldarError } from '../errors.ts';
import { parseJsonText } from './json-text.ts';

export const maxBodyBytes = 2 * 1024 * 1024;

const jsonType = /^\s*application\/(?:[^\s;,/]+\+)?json\s*(?:;|$)/i;

/**
 * Reads and parses the body of a request.
 * @throws HeldarError `unsupported_media_type`, `too_large`, or what `parseJsonText` throws.
 */
export async function readJsonBody(
  request: IncomingMessage,
  response: ServerResponse,
  limitBytes = maxBodyBytes,
): Promise<unknown> {
  checkContentType(request);
  const declared = request.headers['content-length'];
  if (declared !== undefined && Number(declared) > limitBytes) throw tooLarge(limitBytes);
  if (expectsContinue(request)) response.writeContinue();
  return parseJsonText(await readBytes(request, limitBytes));
}

function checkContentType(request: IncomingMessage): void {
  const { 'content-type': type, 'content-encoding': encoding } = request.headers;
  if (type === undefined || !jsonType.test(type))
    throw new HeldarError(
      'unsupported_media_type',
      'a JSON body with Content-Type: application/json is expected',
    );
  if (encoding !== undefined && encoding.trim().toLowerCase() !== 'identity')
    throw new HeldarError('unsupported_media_type', 'a body without Content-Encoding is expected');
}

function expectsContinue(request: IncomingMessage): boolean {
  return request.headers.expect?.toLowerCase() === '100-continue';
}

async function readBytes(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  try {
    return await getRawBody(request, { limit: limitBytes });
  } catch (error) {
    const { type } = error as RawBodyError;
    if (type === 'entity.too.large') throw tooLarge(limitBytes);
    throw new HeldarError('bad_request', 'the request ended before its body did', { cause: error });
  }
}

function tooLarge(limitBytes: number): HeldarError {
  return new HeldarError('too_large', `the body exceeds ${limitBytes} bytes`, { details: { limitBytes } });
}
