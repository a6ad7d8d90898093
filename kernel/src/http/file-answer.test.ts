import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Reply } from '@heldar/plugin-sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { serveFile } from './file-answer.ts';

let folder: string;
let file: string;
const written = new Date('2026-01-02T03:04:05Z');

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heldar-files-'));
  file = join(folder, 'a.mp4');
  await writeFile(file, '0123456789');
  await utimes(file, written, written);
});
afterAll(() => rm(folder, { recursive: true }));

async function textOf({ body }: Reply): Promise<string> {
  if (body === null || typeof body === 'string') return body ?? '';
  if (body instanceof Uint8Array) return Buffer.from(body).toString();
  let text = '';
  for await (const chunk of body) text += chunk.toString();
  return text;
}

test('a whole file comes with its type, length and date', async () => {
  const answer = await serveFile(file, 'video/mp4', {});
  expect(answer).toMatchObject({
    status: 200,
    headers: {
      'accept-ranges': 'bytes',
      'content-length': '10',
      'content-type': 'video/mp4',
      'last-modified': 'Fri, 02 Jan 2026 03:04:05 GMT',
    },
  });
  expect(await textOf(answer)).toBe('0123456789');
});

test.each([
  ['bytes=2-4', 'bytes 2-4/10', '234'],
  ['bytes=7-', 'bytes 7-9/10', '789'],
  ['bytes=-3', 'bytes 7-9/10', '789'],
  ['bytes=8-99', 'bytes 8-9/10', '89'],
])('the range %s is answered alone', async (range, contentRange, text) => {
  const answer = await serveFile(file, 'video/mp4', { range });
  expect(answer).toMatchObject({ status: 206, headers: { 'content-range': contentRange } });
  expect(await textOf(answer)).toBe(text);
});

test.each(['bytes=10-', 'bytes=5-2', 'bytes=0-1,4-5', 'lines=1-2', 'nonsense'])(
  'the range %s is refused with the size',
  async (range) => {
    const answer = await serveFile(file, 'video/mp4', { range });
    expect(answer).toMatchObject({ status: 416, headers: { 'content-range': 'bytes */10' }, body: null });
  },
);

test('date conditions are honoured to the second', async () => {
  const at = written.toUTCString();
  const before = new Date(written.getTime() - 1000).toUTCString();
  expect(await serveFile(file, 'video/mp4', { 'if-modified-since': at })).toMatchObject({ status: 304 });
  expect(await serveFile(file, 'video/mp4', { 'if-unmodified-since': before })).toMatchObject({
    status: 412,
  });
  const both = await serveFile(file, 'video/mp4', { 'if-modified-since': before, 'if-unmodified-since': at });
  expect(both).toMatchObject({ status: 200 });
});

test('a file that is not there is not found', async () => {
  await expect(serveFile(join(folder, 'b.mp4'), 'video/mp4', {})).rejects.toMatchObject({
    code: 'not_found',
  });
});
