/** How is one request answered? The order of checks of every route, kernel's or plugin's, in one place. */
import { isReply, type CameraScope, type Principal } from '@heldar/plugin-sdk';
import type { IncomingMessage } from 'node:http';
import type { Context } from 'koa';
import type { Caller } from '../auth/caller.ts';
import { refusalText } from '../auth/permissions.ts';
import { HeldarError } from '../errors.ts';
import { runAndCommit, type CommitChange } from './commit.ts';
import { requireOwnOrigin } from './own-origin.ts';
import { readJsonBody } from './json-body.ts';
import type { Client, ClientAddresses } from './client-address.ts';
import type { CameraPlace, HandlerRequest, MountedRoute } from './mounted-route.ts';
import { readQuery } from './query.ts';
import { discardResult, isStream, respond } from './respond.ts';
import type { StandingWatch } from './standing.ts';
import type { Ticket } from './traffic.ts';
import { check, misfit, type Checked, type Place } from './validate.ts';

export interface AnswerOptions {
  /** Who asks; throws `unauthenticated`. Not asked for public routes. */
  readonly callerOf: (request: IncomingMessage) => Caller;
  readonly camerasOf: (caller: Caller) => CameraScope;
  readonly clients: ClientAddresses;
  readonly commitChange: CommitChange;
  readonly standing: StandingWatch;
  /** Check every answer against its schema. */
  readonly checkOutput: boolean;
}

/** Who a public route sees. */
const anonymous: Caller = {
  principal: { id: 'anonymous', name: 'anonymous', role: 'viewer', kind: 'system' },
  cameras: null,
  session: null,
  may: () => false,
};

/** 401, then decoding (400, 413, 415, 422), 403, 404, values (400), the handler (409 and its own), the commit, the answer. */
export async function answer(
  options: AnswerOptions,
  route: MountedRoute,
  context: Context,
  ticket: Ticket,
): Promise<void> {
  requireOwnOrigin(route.method, context.req.headers);
  const caller = route.capability === 'public' ? anonymous : options.callerOf(context.req);
  const decoded = await decode(route, context);
  requireRight(route, caller);
  const cameras = options.camerasOf(caller);
  if ('camera' in route.scope) checkCamera(route.scope.camera, decoded, cameras);
  const fault = decoded.params.fault ?? decoded.query.fault ?? decoded.body.fault;
  if (fault !== null) throw fault;

  const result = await runAndCommit<unknown>({
    effects: route.effects,
    commitChange: options.commitChange,
    isOver: () => ticket.expired,
    discard: discardResult,
    handle: async (recorder) => {
      const asked = { caller, cameras, message: context.req, clients: options.clients };
      const request = new RouteRequest(decoded, asked, ticket, () => recorder().tx);
      const answered = await route.handle(request);
      if (options.checkOutput && !isReply(answered)) await checkOutput(route, answered);
      return answered;
    },
  });
  if (ticket.expired) return discardResult(result);
  try {
    respond(context, route, result, ticket);
    if (route.capability !== 'public' && isReply(result) && isStream(result.body))
      options.standing.watch({
        request: context.req,
        response: context.res,
        caller,
        may: (now) => hasRight(route, now),
      });
  } catch (error) {
    discardResult(result);
    throw error;
  }
}

function hasRight({ capability }: MountedRoute, caller: Caller): boolean {
  return capability === 'public' || capability === 'authenticated' || caller.may(capability);
}

/** @throws HeldarError `forbidden`. */
function requireRight({ capability, scope }: MountedRoute, caller: Caller): void {
  if (capability === 'public') return;
  if (capability !== 'authenticated' && !caller.may(capability))
    throw new HeldarError('forbidden', refusalText(caller.principal.role, capability));
  if (caller.cameras !== null && 'none' in scope && !scope.servesLimited)
    throw new HeldarError('forbidden', 'this is not for a caller who is limited to cameras');
}

interface Part extends Checked {
  /** As it was sent. */
  readonly raw: unknown;
}

type Decoded = Readonly<Record<Place, Part>>;

const absent: Part = { raw: undefined, value: {}, fault: null };

async function decode(route: MountedRoute, context: Context): Promise<Decoded> {
  const params = route.params === undefined ? absent : await checkPart(route, 'params', paramsOf(context));
  const query =
    route.query === undefined
      ? absent
      : await checkPart(route, 'query', readQuery(context.querystring, route.query));
  const body =
    route.body === undefined ? absent : await checkPart(route, 'body', await readBody(route, context));
  return { params, query, body };
}

function readBody(route: MountedRoute, context: Context): unknown {
  const left = route.bodyOptional && context.req.headers['content-type'] === undefined;
  return left ? undefined : readJsonBody(context.req, context.res);
}

async function checkPart(route: MountedRoute, place: Place, raw: unknown): Promise<Part> {
  const { value, fault } = await check(route[place], raw, place);
  return { raw, value, fault };
}

function paramsOf(context: Context): unknown {
  return (context as Context & { params?: unknown }).params ?? {};
}

/** Ids come from callers; an answer quotes no more of one than this many characters. */
const idShown = 100;

/** A parameter that was left out, or null, asks for no camera; whatever else must be a camera the caller may see. */
function checkCamera(place: CameraPlace, decoded: Decoded, cameras: CameraScope): void {
  const part = decoded[place.in];
  // What was sent counts also where the schema leaves nothing of it under that name.
  const cameraId = memberOf(part.value, place.name) ?? memberOf(part.raw, place.name);
  if (cameraId === undefined || cameraId === null) return;
  const id = typeof cameraId === 'string' ? cameraId : JSON.stringify(cameraId);
  if (id !== cameraId || !cameras.includes(id))
    throw new HeldarError('not_found', `camera ${id.slice(0, idShown)} not found`);
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

/**
 * Signal and effects are made when first asked for: most handlers need neither. A class, not an object with getters, for the reason
 * given at `Entry` in traffic.ts.
 */
class RouteRequest implements HandlerRequest {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly principal: Principal;
  readonly caller: Caller;
  readonly cameras: CameraScope;
  readonly headers: HandlerRequest['headers'];
  readonly #message: IncomingMessage;
  readonly #clients: ClientAddresses;
  readonly #ticket: Ticket;
  readonly #tx: () => HandlerRequest['tx'];

  constructor(
    decoded: Decoded,
    asked: { caller: Caller; cameras: CameraScope; message: IncomingMessage; clients: ClientAddresses },
    ticket: Ticket,
    tx: () => HandlerRequest['tx'],
  ) {
    this.params = decoded.params.value;
    this.query = decoded.query.value;
    this.body = decoded.body.value;
    this.principal = asked.caller.principal;
    this.caller = asked.caller;
    this.cameras = asked.cameras;
    this.headers = asked.message.headers as HandlerRequest['headers'];
    this.#message = asked.message;
    this.#clients = asked.clients;
    this.#ticket = ticket;
    this.#tx = tx;
  }

  get client(): Client {
    return {
      address: this.#clients.addressOf(this.#message),
      isSecure: this.#clients.isSecure(this.#message),
    };
  }

  get signal(): AbortSignal {
    return this.#ticket.signal;
  }

  get tx(): HandlerRequest['tx'] {
    return this.#tx();
  }
}

async function checkOutput(route: MountedRoute, result: unknown): Promise<void> {
  if (route.output === undefined) return;
  const problem = await misfit(route.output, result);
  if (problem === null) return;
  const text = `${route.owner}: ${route.method} ${route.path} answered what its output schema forbids: ${problem.message}`;
  throw new HeldarError('internal', text);
}
