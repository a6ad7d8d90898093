/** What happens to every request, whatever its route: an id, cross-origin headers, admission, and one form of refusal. */
import type { IncomingMessage } from 'node:http';
import type { Logger } from '@heldar/plugin-sdk';
import type { Context } from 'koa';
import type { Clock } from '../clock.ts';
import { HeldarError, messageOf } from '../errors.ts';
import { answerPreflight, createCors } from './cors.ts';
import { answerOf, logFailure, type ErrorAnswer } from './errors.ts';
import { answerAndClose } from './lingering-close.ts';
import { sendJson } from './respond.ts';
import type { Ticket, Traffic } from './traffic.ts';

export interface FrontOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly traffic: Traffic;
  readonly corsOrigins: readonly string[];
  /** Makes request ids tell this start of the kernel from others. */
  readonly idPrefix: string;
  readonly isStopping: () => boolean;
  readonly dispatch: (context: Context, ticket: Ticket) => Promise<unknown>;
}

export function createFront(options: FrontOptions): (context: Context) => Promise<void> {
  const { clock, log, traffic, isStopping } = options;
  const setCors = createCors(options.corsOrigins);
  let requests = 0;

  const refuse = (context: Context, error: unknown, ticket?: Ticket) => {
    const { method, path } = context;
    if (isGivenUp(context, error, ticket))
      log.debug({ method, path, reason: messageOf(error) }, 'the request was given up');
    else logFailure(log, error, { requestId: requestIdOf(context), method, path });
    if (context.headerSent || ticket?.expired === true) return;
    sendRefusal(clock, context, answerOf(error), isStopping());
  };

  return async (context) => {
    requests += 1;
    context.set('x-request-id', `${options.idPrefix}-${requests.toString(36)}`);
    setCors(context);
    context.set(safeHeaders);
    const addressed = setPath(context.req);
    if (context.method === 'OPTIONS') return answerPreflight(context);
    if (!addressed) return refuse(context, new HeldarError('bad_request', 'the request names no path'));
    if (isStopping()) return refuse(context, new HeldarError('unavailable', 'the kernel is stopping'));
    const ticket = traffic.enter(context.res);
    try {
      await options.dispatch(context, ticket);
      if (isStopping() && !context.headerSent) context.set('connection', 'close');
    } catch (error) {
      refuse(context, error, ticket);
    }
  };
}

/** Answers in the place of a handler whose time is up. */
export function giveUp(log: Logger, context: Context, error: HeldarError): void {
  if (context.headerSent || context.res.closed) return;
  const { method, path, res } = context;
  log.warn({ requestId: requestIdOf(context), method, path }, 'a handler took too long; it was given up');
  const { status, headers, body } = answerOf(error);
  const text = JSON.stringify(body);
  context.respond = false;
  res.writeHead(status, {
    ...headers,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  });
  res.end(context.method === 'HEAD' ? undefined : text);
}

/** Leaves path and query as the target, also of `GET http://host/path`. False when there is none, and then it is `/`. */
function setPath(request: IncomingMessage): boolean {
  const target = request.url ?? '';
  if (target.startsWith('/')) return true;
  const parsed = URL.parse(target);
  const known = parsed?.protocol === 'http:' || parsed?.protocol === 'https:';
  request.url = parsed !== null && known ? parsed.pathname + parsed.search : '/';
  return known;
}

function requestIdOf(context: Context): string {
  return context.response.get('x-request-id');
}

/** Nobody waits any more, and the handler ended as it was told to: no fault. Anything else it throws is one all the same. */
function isGivenUp(context: Context, error: unknown, ticket?: Ticket): boolean {
  const hungUp = context.res.closed && !context.res.writableFinished;
  if (!hungUp && ticket?.expired !== true) return false;
  return error instanceof HeldarError || (error instanceof Error && error.name === 'AbortError');
}

/** Of every answer: browsers take it as what it is said to be, in no page of another site, and tell no other site whence a link led there. */
const safeHeaders = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'SAMEORIGIN',
  'referrer-policy': 'same-origin',
} as const;

/** What stands in a refusal besides its own headers; a handler may have set others before it failed. */
const kept = new Set(['x-request-id', 'vary', 'access-control-allow-origin', ...Object.keys(safeHeaders)]);

function sendRefusal(clock: Clock, context: Context, answer: ErrorAnswer, stopping: boolean): void {
  for (const name of context.res.getHeaderNames()) if (!kept.has(name)) context.remove(name);
  const closing = stopping || answer.status === 413;
  const text = JSON.stringify(answer.body);
  if (closing && !context.req.complete) {
    context.respond = false;
    const headers = { ...answer.headers, 'content-type': 'application/json' };
    answerAndClose(clock, context.req, context.res, { status: answer.status, headers, body: text });
    return;
  }
  for (const [name, value] of Object.entries(answer.headers)) context.set(name, value);
  if (closing) context.set('connection', 'close');
  sendJson(context, answer.status, text);
}
