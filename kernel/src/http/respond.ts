/** How does a handler's result go out? */
import { isReply, type Reply } from '@heldar/plugin-sdk';
import type { Context } from 'koa';
import { HeldarError } from '../errors.ts';
import type { MountedRoute } from './mounted-route.ts';
import type { Ticket } from './traffic.ts';

/** JSON of whatever the handler answered, an empty answer for a route without `output`, or a reply made by hand. */
export function respond(context: Context, route: MountedRoute, result: unknown, ticket: Ticket): void {
  if (isReply(result)) return sendReply(context, result, ticket);
  ticket.answering(false);
  if (route.output === undefined) {
    context.body = null;
    context.status = route.status;
    return;
  }
  const text = JSON.stringify(result) as string | undefined;
  if (text === undefined)
    throw new HeldarError(
      'internal',
      `${route.owner}: ${route.method} ${route.path} answered nothing that JSON can hold`,
    );
  sendJson(context, route.status, text);
}

export function sendJson(context: Context, status: number, text: string): void {
  context.status = status;
  context.set('content-type', 'application/json');
  context.body = text;
}

/** A stream without a Content-Length has no end of its own: it ends with the kernel. */
function sendReply(context: Context, reply: Reply, ticket: Ticket): void {
  const { body } = reply;
  const sized = Object.keys(reply.headers).some((name) => name.toLowerCase() === 'content-length');
  ticket.answering(isStream(body) && !sized);
  for (const [name, value] of Object.entries(reply.headers)) context.set(name, value);
  if (body === null) context.body = null;
  else if (typeof body === 'string') context.body = body;
  else if (body instanceof Uint8Array)
    context.body = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  else context.body = body;
  context.status = reply.status;
}

/** Lets go of the stream of an answer that is not sent. */
export function discardResult(result: unknown): void {
  if (!isReply(result) || !isStream(result.body)) return;
  const stream = result.body as NodeJS.ReadableStream & { destroy?: () => void };
  stream.on('error', () => {});
  stream.destroy?.();
}

export function isStream(body: Reply['body']): body is NodeJS.ReadableStream {
  return body !== null && typeof body === 'object' && !(body instanceof Uint8Array);
}
