import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { interleavedHeader, RtspParser, serialiseResponse, type RtspMessage } from './rtsp-message.ts';

const request = (head: string, body = ''): RtspMessage[] =>
  new RtspParser().push(Buffer.from(`${head.replaceAll('\n', '\r\n')}\r\n\r\n${body}`));

const token = fc.stringMatching(/^[a-z][a-z-]{0,10}$/);
const value = fc.stringMatching(/^[!-~]([ -~]{0,20}[!-~])?$/);
const headers = fc
  .uniqueArray(
    fc.tuple(
      token.filter((name) => name !== 'content-length'),
      value,
    ),
    { selector: ([name]) => name },
  )
  .map((entries) => new Map(entries));

const anyRequest = fc.record({
  kind: fc.constant('request' as const),
  method: fc.constantFrom('OPTIONS', 'GET_PARAMETER', 'PLAY'),
  uri: fc.constantFrom('*', 'rtsp://127.0.0.1:8554/live'),
  version: fc.constant('RTSP/1.0'),
  headers,
  body: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
});
const anyPacket = fc.record({
  kind: fc.constant('interleaved' as const),
  channel: fc.integer({ min: 0, max: 255 }),
  data: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
});
const conversation = fc.array(fc.oneof(anyRequest, anyPacket), { maxLength: 6 });

function write(message: RtspMessage): Buffer {
  if (message.kind === 'interleaved') {
    return Buffer.concat([interleavedHeader(message.channel, message.data.length), message.data]);
  }
  if (message.kind === 'malformed') throw new TypeError('only what can be understood is written');
  const lines = [...message.headers, ['content-length', message.body.length]].map(
    ([name, text]) => `${name}: ${text}\r\n`,
  );
  return Buffer.concat([
    Buffer.from(`${message.method} ${message.uri} ${message.version}\r\n${lines.join('')}\r\n`),
    message.body,
  ]);
}

test('a conversation is understood alike however the network cuts it', () => {
  fc.assert(
    fc.property(
      conversation,
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
      (messages, sizes) => {
        const bytes = Buffer.concat(messages.map(write));
        const parser = new RtspParser();
        const parsed: RtspMessage[] = [];
        for (let position = 0, turn = 0; position < bytes.length; turn += 1) {
          const size = sizes[turn % sizes.length] ?? 1;
          parsed.push(...parser.push(bytes.subarray(position, position + size)));
          position += size;
        }
        const withLength = messages.map((message) =>
          message.kind === 'request'
            ? {
                ...message,
                headers: new Map([...message.headers, ['content-length', String(message.body.length)]]),
              }
            : message,
        );
        expect(parsed).toEqual(withLength);
      },
    ),
  );
});

test('bare line feeds, folded lines and blank lines between requests are understood', () => {
  const parser = new RtspParser();
  const bytes = Buffer.from(
    '\r\n\nOPTIONS * RTSP/1.0\nCSeq: 1\nUser-Agent: a\n  b\n\n\r\nOPTIONS * RTSP/1.0\r\n\r\n',
  );
  const [first, second] = parser.push(bytes);
  expect(first).toMatchObject({
    method: 'OPTIONS',
    headers: new Map([
      ['cseq', '1'],
      ['user-agent', 'a b'],
    ]),
  });
  expect(second).toMatchObject({ kind: 'request', headers: new Map() });
});

test.each([
  ['another protocol', 'GET / HTTP/1.1\nHost: a', 400],
  ['a header without a name', 'OPTIONS * RTSP/1.0\n: 1', 400],
  ['a length that is no number', 'OPTIONS * RTSP/1.0\nContent-Length: -1', 400],
  ['a body beyond the limit', 'OPTIONS * RTSP/1.0\nContent-Length: 65537', 413],
  ['a head beyond the limit', `OPTIONS * RTSP/1.0\nX: ${'x'.repeat(16_384)}`, 413],
])('%s is refused', (_what, head, status) => {
  expect(request(head)).toMatchObject([{ kind: 'malformed', status }]);
});

test('a head that never ends is refused before it fills the memory, and nothing after it is read', () => {
  const parser = new RtspParser();
  const refusals = Array.from({ length: 40 }, () => parser.push(Buffer.alloc(1000, 'x'))).flat();
  expect(refusals).toMatchObject([{ kind: 'malformed', status: 413 }]);
  expect(parser.push(Buffer.from('OPTIONS * RTSP/1.0\r\n\r\n'))).toEqual([]);
});

test('an answer carries its number, its headers and the length of its body', () => {
  const answer = serialiseResponse(
    { status: 200, headers: { 'Content-Type': 'text/plain' }, body: 'é' },
    '7',
  );
  expect(answer.toString('utf8')).toBe(
    'RTSP/1.0 200 OK\r\nCSeq: 7\r\nServer: Heldar simulated camera\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\né',
  );
});
