/** How is a request refused while its body is still arriving, so that the client gets to read the answer? */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../clock.ts';

/** What is read and thrown away at most, of a body that was refused. */
const drainedBytes = 64 * 1024 * 1024;
const drainMs = 5000;

/**
 * Sends the whole answer at once, then takes in and drops what still arrives before the connection is closed. Closing with
 * unread bytes would make the system reset the connection, and the answer would be lost on its way.
 */
export function answerAndClose(
  clock: Clock,
  request: IncomingMessage,
  response: ServerResponse,
  answer: { status: number; headers: Readonly<Record<string, string>>; body: string },
): void {
  response.writeHead(answer.status, {
    ...answer.headers,
    'content-length': Buffer.byteLength(answer.body),
    connection: 'close',
  });
  if (request.method !== 'HEAD') response.write(answer.body);
  let drained = 0;
  let over = false;
  const end = () => {
    if (over) return;
    over = true;
    cancel();
    response.end();
  };
  const cancel = clock.after(drainMs, end);
  request.on('data', (chunk: Buffer) => {
    drained += chunk.length;
    if (drained > drainedBytes) end();
  });
  request.once('end', end);
  request.once('close', end);
  request.resume();
}
