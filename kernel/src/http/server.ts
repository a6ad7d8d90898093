/** The HTTP side of the kernel: routes in, a Koa application and a server out. */
import type { AddressInfo } from 'node:net';
import type { Logger, Route } from '@heldar/plugin-sdk';
import Koa, { type Context } from 'koa';
import { systemClock, type Clock } from '../clock.ts';
import { HeldarError, messageOf } from '../errors.ts';
import { newHex } from '../ids.ts';
import { answer, type AnswerOptions } from './answer.ts';
import type { Effects } from './commit.ts';
import { createFront, giveUp } from './front.ts';
import { inject, type InjectedRequest } from './inject.ts';
import type { KernelRoute } from './kernel-route.ts';
import { defaultLimits, type HttpLimits } from './limits.ts';
import { createHttpServer, listen, stopListening } from './listen.ts';
import type { MountedRoute } from './mounted-route.ts';
import { createMounts, type ListedRoute, type MountedPlugin } from './mounts.ts';
import { createStandingWatch } from './standing.ts';
import { createTraffic, type Ticket } from './traffic.ts';

export interface HttpOptions extends Omit<AnswerOptions, 'checkOutput' | 'standing'> {
  readonly routes: readonly KernelRoute[];
  readonly log: Logger;
  /** For the ids of requests. Connections and their limits keep real time, whatever a test's clock says. */
  readonly clock: Clock;
  readonly limits?: Partial<HttpLimits>;
  /** Other origins that may read answers: `*` for all, none for the same origin only. Default none. */
  readonly corsOrigins?: readonly string[];
  /** Recorders for routes of the kernel. */
  readonly effects: Effects;
  /** Check every answer against its schema. Default: unless NODE_ENV is production. */
  readonly checkOutput?: boolean;
}

export interface Http {
  readonly app: Koa;
  /**
   * Serves the routes of a plugin, in place of those it had, from the next request on; requests under way are not touched.
   * Whether it may have the paths it names in full, the caller has checked.
   * @throws HeldarError `plugin_invalid`; then nothing has changed.
   */
  mountPlugin(plugin: string, routes: readonly Route[], effects: Effects): MountedPlugin;
  /** @throws HeldarError `plugin_invalid` when `mountPlugin` would refuse them. */
  checkPlugin(plugin: string, routes: readonly Route[]): void;
  /** Requests to the plugin wait until `release`, and are then served with its routes of that moment. */
  holdPlugin(plugin: string): { release(): void };
  routes(): ListedRoute[];
  /** The same with their schemas: the same array until routes change. */
  readonly served: readonly MountedRoute[];
  /** Serves a request without a port. */
  inject(path: string, request?: InjectedRequest): Promise<Response>;
  /** @throws HeldarError `config_invalid` when the address can't be had. */
  listen(address: { host: string; port: number }): Promise<AddressInfo>;
  /**
   * Refuses new requests, waits for those under way up to the deadline, ends streams, then closes every connection.
   * May be called twice, and without `listen`.
   */
  stop(deadlineMs: number): Promise<void>;
  readonly requestsUnderWay: number;
  readonly streamsOpen: number;
}

/** What streams and requests past the deadline get to end by themselves before their connections are destroyed. */
const lastWordsMs = 500;

export function createHttp(options: HttpOptions): Http {
  const { log } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const traffic = createTraffic({ clock: systemClock, ...limits });
  const mounts = createMounts({
    routes: options.routes,
    effects: options.effects,
    serve: createServe(options, limits, () => traffic.busy),
  });
  let stopped: Promise<void> | null = null;

  const app = new Koa();
  app.on('error', (error: unknown) => logBrokenAnswer(log, error));
  app.use(
    createFront({
      clock: systemClock,
      log,
      traffic,
      corsOrigins: options.corsOrigins ?? [],
      idPrefix: newHex(options.clock.now()).slice(-6),
      isStopping: () => stopped !== null,
      dispatch(context, ticket) {
        context.state['ticket'] = ticket;
        return mounts.dispatch(context);
      },
    }),
  );
  const callback = app.callback();
  const server = createHttpServer((request, response) => void callback(request, response), limits);

  const stop = async (deadlineMs: number) => {
    await traffic.idle(deadlineMs);
    const closed = stopListening(server);
    await traffic.end(lastWordsMs);
    server.closeAllConnections();
    await closed;
  };
  return {
    app,
    mountPlugin: (plugin, routes, effects) => mounts.mountPlugin(plugin, routes, effects),
    checkPlugin: (plugin, routes) => mounts.checkPlugin(plugin, routes),
    holdPlugin: (plugin) => mounts.hold(plugin),
    routes: () => mounts.list(),
    get served() {
      return mounts.served;
    },
    inject: (path, request) => inject(server, path, request),
    listen: (address) => listen(server, address),
    stop: (deadlineMs) => (stopped ??= stop(deadlineMs)),
    get requestsUnderWay() {
      return traffic.requests;
    },
    get streamsOpen() {
      return traffic.streams;
    },
  };
}

/** Serves one request with one route, within its time. */
function createServe(
  options: HttpOptions,
  limits: HttpLimits,
  isBusy: () => boolean,
): (route: MountedRoute, context: Context) => Promise<void> {
  const checkOutput = options.checkOutput ?? process.env['NODE_ENV'] !== 'production';
  const standing = createStandingWatch();
  const answering: AnswerOptions = { ...options, checkOutput, standing };
  return async (route, context) => {
    if (isBusy() && route.whenBusy !== 'answer') throw new HeldarError('busy', 'too many requests at once');
    const ticket = context.state['ticket'] as Ticket;
    const limitMs = route.timeoutMs ?? limits.answerMs;
    if (limitMs > limits.stalledMs && 'setTimeout' in context.req.socket) context.req.setTimeout(limitMs);
    ticket.limit(limitMs, (error) => giveUp(options.log, context, error));
    await answer(answering, route, context, ticket);
  };
}

/** A client that leaves in the middle of an answer is no fault of ours. */
const clientLeft = new Set([
  'ERR_STREAM_PREMATURE_CLOSE',
  'ECONNRESET',
  'EPIPE',
  'ERR_STREAM_DESTROYED',
  'ABORT_ERR',
]);

function logBrokenAnswer(log: Logger, error: unknown): void {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== undefined && clientLeft.has(code))
    log.debug({ code }, 'the client left before the end of its answer');
  else log.error({ reason: messageOf(error) }, 'an answer broke off');
}
