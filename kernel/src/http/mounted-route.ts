/** Is a declared route fit to be served? What passes here carries all that serving it needs. */
import type { CameraScope, DeclaredReply, Method, Principal, Route, Schema, Tx } from '@heldar/plugin-sdk';
import type { Caller } from '../auth/caller.ts';
import { isCapability } from '../auth/permissions.ts';
import { HeldarError } from '../errors.ts';
import type { AuditDeclaration, AuditSubject, MakeAudit } from './audited.ts';
import type { Client } from './client-address.ts';
import type { Effects } from './commit.ts';
import type { KernelCapability, KernelEvents, KernelRoute } from './kernel-route.ts';

export const kernelOwner = 'kernel';

/** Where the id of the camera stands. */
export interface CameraPlace {
  readonly in: 'params' | 'query' | 'body';
  readonly name: string;
}

/** A request as any handler sees it, without the types its route declared. */
export interface HandlerRequest {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly principal: Principal;
  readonly cameras: CameraScope;
  /** For the kernel's own handlers. */
  readonly caller: Caller;
  /** The same. */
  readonly urlToken: string | null;
  /** The same. */
  readonly client: Client;
  /** The same. */
  readonly audit: MakeAudit;
  /** The same. */
  acting(targetId: string | null, subject?: AuditSubject): Promise<void>;
  /** The same. */
  accessed(targetId: string, subject?: AuditSubject): Promise<void>;
  readonly tx: Tx<KernelEvents, KernelEvents>;
  readonly signal: AbortSignal;
  readonly headers: { readonly [name: string]: string | undefined };
}

export interface MountedRoute {
  /** `kernel` or the plugin's name. */
  readonly owner: string;
  readonly method: Method;
  readonly path: string;
  readonly effects: Effects;
  readonly summary: string | undefined;
  readonly capability: KernelCapability;
  readonly scope: MountedScope;
  /** null: it says nothing. */
  readonly audit: AuditDeclaration | null;
  readonly params: Schema | undefined;
  readonly query: Schema | undefined;
  readonly body: Schema | undefined;
  /** The schema of the body takes `undefined`: without a Content-Type no body is read. */
  readonly bodyOptional: boolean;
  readonly output: Schema | undefined;
  readonly status: number;
  /** Answers made by hand, by status. */
  readonly replies: Readonly<Record<string, DeclaredReply>>;
  /** Request headers it looks at, each with what it does. */
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number | undefined;
  readonly urlToken: boolean;
  readonly whenBusy: 'answer' | undefined;
  handle(request: HandlerRequest): unknown;
}

export type MountedScope =
  | { readonly camera: CameraPlace }
  | { readonly rows: 'cameras' }
  | { readonly none: string; readonly servesLimited: boolean };

const methods: readonly unknown[] = ['GET', 'POST', 'PATCH', 'PUT', 'DELETE'];
const pathPattern = /^(?:\/(?::[A-Za-z_]\w*|[\w.~-]+))+$/;

/** Where a route of a plugin is served: below its own folder, or at the path under `/api/` that it names in full. */
export function pathOf(plugin: string, path: string): string {
  return path.startsWith('/api/') ? path : `/api/v1/plugins/${plugin}${path === '/' ? '' : path}`;
}

/** @throws HeldarError `plugin_invalid` naming the route and what it lacks. */
export function mountKernelRoute(route: KernelRoute, effects: Effects): MountedRoute {
  return mount({ owner: kernelOwner, path: route.path, route, effects, accepts: isKernelCapability });
}

function isKernelCapability(value: unknown): value is KernelCapability {
  return isCapability(value) || value === 'public' || value === 'authenticated';
}

/** @throws HeldarError `plugin_invalid` naming the route and what it lacks. */
export function mountPluginRoute(plugin: string, route: Route, effects: Effects): MountedRoute {
  return mount({ owner: plugin, path: pathOf(plugin, route.path), route, effects, accepts: isCapability });
}

function mount({
  owner,
  path,
  route,
  effects,
  accepts,
}: {
  owner: string;
  path: string;
  route: Route | KernelRoute;
  effects: Effects;
  accepts: (capability: unknown) => boolean;
}): MountedRoute {
  const definition = route.definition as Partial<KernelRoute['definition']>;
  const refuse = (problem: string): never => {
    throw new HeldarError('plugin_invalid', `${owner}: ${route.method} ${path} ${problem}`, {
      details: { owner, method: route.method, path },
    });
  };
  if (!methods.includes(route.method)) refuse('has a method that is not served');
  if (!pathPattern.test(path) || !route.path.startsWith('/'))
    refuse('is not a path of plain segments and :parameters');
  if (!accepts(definition.capability)) refuse('declares no capability it may have');
  if (typeof definition.handle !== 'function') refuse('has no handler');
  if (route.method === 'GET' && definition.body !== undefined) refuse('declares a body, and GET has none');
  const scope =
    readScope(path, definition) ?? refuse('declares no scope: a camera, rows, or none with the reason why');
  // Of a plugin the kernel writes what it does not.
  const isSilent = route.method === 'GET' || owner !== kernelOwner;
  return {
    owner,
    method: route.method,
    path,
    effects,
    summary: definition.summary,
    capability: definition.capability as KernelCapability,
    scope,
    audit:
      readAudit(definition.audit) ??
      (isSilent ? null : refuse('declares no audit: an action and its target, or none with the reason why')),
    params: definition.params as Schema | undefined,
    query: definition.query as Schema | undefined,
    body: definition.body as Schema | undefined,
    bodyOptional: takesNothing(definition.body as Schema | undefined),
    output: definition.output as Schema | undefined,
    status: definition.status ?? (definition.output === undefined ? 204 : 200),
    replies: definition.replies ?? {},
    headers: definition.headers ?? {},
    timeoutMs: definition.timeoutMs,
    urlToken: owner === kernelOwner && route.method === 'GET' && definition.urlToken === true,
    whenBusy: definition.whenBusy,
    handle: definition.handle as MountedRoute['handle'],
  };
}

function readAudit(declared: unknown): AuditDeclaration | null {
  const audit = declared as
    { action?: unknown; target?: unknown; sometimes?: unknown; none?: unknown } | null | undefined;
  if (typeof audit?.none === 'string' && audit.none.trim() !== '') return { none: audit.none };
  if (typeof audit?.action !== 'string' || typeof audit.target !== 'string') return null;
  const { action, target } = audit;
  return { action, target, ...(audit.sometimes === true ? { sometimes: true } : {}) };
}

function takesNothing(schema: Schema | undefined): boolean {
  const result = schema?.['~standard'].validate(undefined);
  return result !== undefined && !(result instanceof Promise) && result.issues === undefined;
}

const cameraPlace = /^(params|query|body)\.(.+)$/;

function readScope(path: string, definition: Partial<KernelRoute['definition']>): MountedScope | null {
  const scope = definition.scope as
    { camera?: unknown; rows?: unknown; none?: unknown; limited?: unknown } | undefined;
  if (scope === undefined || scope === null) return null;
  if (scope.rows === 'cameras') return { rows: 'cameras' };
  if (typeof scope.none === 'string' && scope.none.trim() !== '')
    return { none: scope.none, servesLimited: scope.limited === 'serve' };
  if (typeof scope.camera !== 'string') return null;
  const [, place, name] = cameraPlace.exec(scope.camera) ?? [];
  if (place === undefined || name === undefined) return null;
  const where = place as CameraPlace['in'];
  if (definition[where] === undefined) return null;
  if (where === 'params' && !path.split('/').includes(`:${name}`)) return null;
  return { camera: { in: where, name } };
}
