/** How is one request answered? The order of checks of every route, kernel's or plugin's, in one place. */
import { isReply, type CameraScope, type Principal } from '@heldar/plugin-sdk';
import type { IncomingMessage } from 'node:http';
import type { Context } from 'koa';
import type { AccessLog } from '../audit/access-log.ts';
import { newAudit } from '../audit/new-audit.ts';
import type { Caller } from '../auth/caller.ts';
import { refusalText } from '../auth/permissions.ts';
import type { ChangeUnit, NewAudit } from '../store/units.ts';
import { HeldarError } from '../errors.ts';
import type { Clock } from '../clock.ts';
import type { AuditSubject, MakeAudit } from './audited.ts';
import { runAndCommit, type CommitChange } from './commit.ts';
import type { Identify, Identity } from './identity.ts';
import { requireOwnOrigin } from './own-origin.ts';
import { readJsonBody } from './json-body.ts';
import type { Client, ClientAddresses } from './client-address.ts';
import { kernelOwner, type CameraPlace, type HandlerRequest, type MountedRoute } from './mounted-route.ts';
import { readQuery } from './query.ts';
import { discardResult, isStream, respond } from './respond.ts';
import type { StandingWatch } from './standing.ts';
import type { Ticket } from './traffic.ts';
import { check, misfit, type Checked, type Place } from './validate.ts';

export interface AnswerOptions {
  /** Not asked for public routes. */
  readonly identify: Identify;
  readonly camerasOf: (caller: Caller) => CameraScope;
  readonly clients: ClientAddresses;
  readonly commitChange: CommitChange;
  readonly accessLog: AccessLog;
  readonly clock: Pick<Clock, 'now'>;
  readonly standing: StandingWatch;
  /** Check every answer against its schema. */
  readonly checkOutput: boolean;
}

/** Of one artefact a person's accesses within this time are one row. */
const accessMs = 60_000;
/** Workers look all the time: what they see is told by the hour. */
const machineAccessMs = 3_600_000;

/** Who a public route sees. */
const anonymous: Caller = {
  principal: { id: 'anonymous', name: 'anonymous', role: 'viewer', kind: 'system' },
  cameras: null,
  session: null,
  credential: { kind: 'system' },
  may: () => false,
};
const nobody: Identity = { caller: anonymous, again: () => anonymous, urlToken: null };

/** 401, then decoding (400, 413, 415, 422), 403, 404, values (400), the handler (409 and its own), the commit, the answer. */
export async function answer(
  options: AnswerOptions,
  route: MountedRoute,
  context: Context,
  ticket: Ticket,
): Promise<void> {
  requireOwnOrigin(route.method, context.req.headers);
  const identity = route.capability === 'public' ? nobody : options.identify(context.req, route.urlToken);
  const { caller } = identity;
  const decoded = await decode(route, context);
  requireRight(route, caller);
  const cameras = options.camerasOf(caller);
  if ('camera' in route.scope) checkCamera(route.scope.camera, decoded, cameras);
  const fault = decoded.params.fault ?? decoded.query.fault ?? decoded.body.fault;
  if (fault !== null) throw fault;

  let request: RouteRequest | undefined;
  const result = await runAndCommit<unknown>({
    effects: route.effects,
    commitChange: (unit) => options.commitChange({ ...unit, audit: request?.auditOfChange(unit) ?? [] }),
    isOver: () => ticket.expired,
    discard: discardResult,
    handle: async (recorder) => {
      const asked = { identity, cameras, message: context.req };
      request = new RouteRequest(options, route, decoded, asked, ticket, () => recorder().tx);
      const answered = await route.handle(request);
      if (options.checkOutput) {
        if (!isReply(answered)) await checkOutput(route, answered);
        checkAudit(route, request);
      }
      return answered;
    },
  });
  if (ticket.expired) return discardResult(result);
  try {
    respond(context, route, result, ticket);
    if (route.capability !== 'public' && isReply(result) && isStream(result.body))
      options.standing.watch({
        response: context.res,
        identity,
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
  readonly urlToken: string | null;
  readonly cameras: CameraScope;
  readonly headers: HandlerRequest['headers'];
  readonly #options: AnswerOptions;
  readonly #route: MountedRoute;
  readonly #message: IncomingMessage;
  readonly #ticket: Ticket;
  readonly #tx: () => HandlerRequest['tx'];
  #isAudited = false;

  constructor(
    options: AnswerOptions,
    route: MountedRoute,
    decoded: Decoded,
    asked: { identity: Identity; cameras: CameraScope; message: IncomingMessage },
    ticket: Ticket,
    tx: () => HandlerRequest['tx'],
  ) {
    this.#options = options;
    this.#route = route;
    this.params = decoded.params.value;
    this.query = decoded.query.value;
    this.body = decoded.body.value;
    this.principal = asked.identity.caller.principal;
    this.caller = asked.identity.caller;
    this.urlToken = asked.identity.urlToken;
    this.cameras = asked.cameras;
    this.headers = asked.message.headers as HandlerRequest['headers'];
    this.#message = asked.message;
    this.#ticket = ticket;
    this.#tx = tx;
  }

  get client(): Client {
    return {
      address: this.#options.clients.addressOf(this.#message),
      isSecure: this.#options.clients.isSecure(this.#message),
    };
  }

  /** Handlers take it off the request. */
  get audit(): MakeAudit {
    return (targetId, subject) => this.#auditOf(targetId, subject);
  }

  get accessed(): HandlerRequest['accessed'] {
    return (targetId, subject) =>
      this.#options.accessLog.note(
        this.#auditOf(targetId, subject),
        this.caller.may('ingest') ? machineAccessMs : accessMs,
      );
  }

  get acting(): HandlerRequest['acting'] {
    return (targetId, subject) => this.#options.accessLog.note(this.#auditOf(targetId, subject), 0);
  }

  /** In the caller's name; of a plugin that says nothing, what the request was. */
  auditOfChange({ audit = [] }: ChangeUnit): NewAudit[] {
    const { owner, method, path, audit: declared } = this.#route;
    const isSilent =
      audit.length === 0 && owner !== kernelOwner && (declared === null || !('none' in declared));
    const act = { action: 'plugin_change', targetType: 'route', targetId: `${method} ${path}` };
    const said = isSilent
      ? [
          newAudit(this.#options.clock.now(), this.principal, {
            ...act,
            detail: { plugin: owner, params: this.params },
          }),
        ]
      : audit;
    const { id: actor, name: actorName, role } = this.principal;
    const { address } = this.client;
    return said.map((note) => ({
      ...note,
      actor,
      actorName,
      role,
      address,
      cameraId: note.cameraId ?? this.#cameraId(),
    }));
  }

  get isAudited(): boolean {
    return this.#isAudited;
  }

  #auditOf(targetId: string | null, subject: AuditSubject = {}): NewAudit {
    const { audit: declared, method, path } = this.#route;
    if (declared === null || 'none' in declared)
      throw new HeldarError('internal', `${method} ${path} writes to the audit log and does not declare it`);
    this.#isAudited = true;
    return newAudit(this.#options.clock.now(), subject.as ?? this.principal, {
      action: subject.action ?? declared.action,
      targetType: declared.target,
      targetId,
      cameraId: subject.camera === undefined ? this.#cameraId() : subject.camera,
      address: this.client.address,
      detail: subject.detail ?? {},
    });
  }

  #cameraId(): string | null {
    const { scope } = this.#route;
    const id = 'camera' in scope ? memberOf(this[scope.camera.in], scope.camera.name) : undefined;
    return typeof id === 'string' ? id : null;
  }

  get signal(): AbortSignal {
    return this.#ticket.signal;
  }

  get tx(): HandlerRequest['tx'] {
    return this.#tx();
  }
}

/** @throws HeldarError `internal` when a route that says it is audited was not. */
function checkAudit({ owner, method, path, audit }: MountedRoute, request: RouteRequest): void {
  if (owner !== kernelOwner || audit === null || 'none' in audit) return;
  if (request.isAudited || audit.sometimes === true) return;
  throw new HeldarError('internal', `${method} ${path} declares ${audit.action} and left nothing of it`);
}

async function checkOutput(route: MountedRoute, result: unknown): Promise<void> {
  if (route.output === undefined) return;
  const problem = await misfit(route.output, result);
  if (problem === null) return;
  const text = `${route.owner}: ${route.method} ${route.path} answered what its output schema forbids: ${problem.message}`;
  throw new HeldarError('internal', text);
}
