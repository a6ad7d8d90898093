/** A route: capability, camera scope and schemas are declared, so it is guarded, checked and documented from one source. */
import type { Column, SQL } from 'drizzle-orm';
import type { Tx } from './effects.ts';
import type { OutputOf, Schema } from './schema.ts';

export type Capability = 'view' | 'operate_gate' | 'manage_registry' | 'ingest' | 'admin';

/**
 * Which camera a request is about. `camera`: where its id stands (`params.id`, `query.camera_id`, `body.camera_id`): the
 * camera must exist and be the caller's, else 404. `rows`: the handler confines what it reads with `cameras`.
 * `none`: the route concerns no camera; say why. A caller who is limited to cameras is refused there, unless `limited: 'serve'` says that
 * nothing in it depends on cameras.
 */
export type Scope<Params = unknown, Query = unknown, Body = unknown, Path extends string = string> =
  | { camera: CameraPlace<Params, Query, Body, Path> }
  | { rows: 'cameras' }
  | { none: string; limited?: 'serve' };

type CameraPlace<Params, Query, Body, Path extends string> = OrNone<
  | `params.${keyof Params & ParameterIn<Path>}`
  | `query.${keyof Query & string}`
  | `body.${keyof Body & string}`
>;
type OrNone<Place> = [Place] extends [never] ? NoParameterInPathAndSchemas : Place;

/** Stands in messages of the compiler where no schema, and for `params` no path, names the parameter of a scope. */
export interface NoParameterInPathAndSchemas {
  readonly _: never;
}

/** `'id' | 'zone'` of `/cameras/:id/zones/:zone`; any text of a path that is not known when compiling. */
type ParameterIn<Path extends string> = string extends Path
  ? string
  : Path extends `${string}:${infer Rest}`
    ? Rest extends `${infer Name}/${infer More}`
      ? Name | ParameterIn<More>
      : Rest
    : never;

/** The cameras the caller may see. */
export interface CameraScope {
  /** A condition for a query: `db.select().from(t).where(cameras.owns(t.cameraId))`. */
  owns(column: Column): SQL;
  includes(cameraId: string): boolean;
}

export interface Principal {
  readonly id: string;
  readonly name: string;
  readonly role: 'admin' | 'manager' | 'guard' | 'viewer' | 'integration';
  readonly kind: 'user' | 'api_key' | 'system';
}

type Declared<S> = S extends Schema ? OutputOf<S> : Record<never, never>;

const replyMark = Symbol.for('heldar.reply');

/** An answer that is not the JSON of `output`: another status, headers, bytes or a stream. */
export interface Reply {
  readonly [replyMark]: true;
  readonly status: number;
  readonly headers: { readonly [name: string]: string };
  /** Text, bytes, a Node stream, or null for an empty body. */
  readonly body: string | Uint8Array | NodeJS.ReadableStream | null;
}

/** Makes an answer by hand: `reply({ headers: { 'content-type': 'image/jpeg' }, body: jpeg })`. */
export function reply(answer: {
  status?: number;
  headers?: { readonly [name: string]: string };
  body?: string | Uint8Array | NodeJS.ReadableStream | null;
}): Reply {
  return {
    [replyMark]: true,
    status: answer.status ?? 200,
    headers: answer.headers ?? {},
    body: answer.body ?? null,
  };
}

export function isReply(value: unknown): value is Reply {
  return typeof value === 'object' && value !== null && (value as Partial<Reply>)[replyMark] === true;
}

/** An answer made with `reply`, for the API document; what is sent is not compared with it. */
export interface DeclaredReply {
  description: string;
  /** Default: JSON where there is a shape, else an empty body. */
  contentType?: string;
  /** Shape of its JSON. Default: that of `output`, for a status of success without a content type. */
  schema?: Schema;
  /** Headers it carries, each with what it says. */
  headers?: { readonly [name: string]: string };
}

export interface RouteRequest<Params, Query, Body, Events, Records> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly principal: Principal;
  readonly cameras: CameraScope;
  /** Recorded now, committed in one transaction when `handle` resolves; the answer goes out after the commit. */
  readonly tx: Tx<Events, Records>;
  /** Aborted when the client hangs up or the kernel stops. */
  readonly signal: AbortSignal;
  /** Request headers, names in lower case. */
  readonly headers: { readonly [name: string]: string | undefined };
}

export interface RouteDefinition<
  P extends Schema | undefined = undefined,
  Q extends Schema | undefined = undefined,
  B extends Schema | undefined = undefined,
  O extends Schema | undefined = undefined,
  Events = unknown,
  Records = unknown,
  Path extends string = string,
> {
  summary?: string;
  /** What the caller needs. */
  capability: Capability;
  scope: Scope<Declared<P>, Declared<Q>, Declared<B>, Path>;
  params?: P;
  query?: Q;
  body?: B;
  /** Shape of the answer; `undefined` means an empty 204. */
  output?: O;
  /** Default 200, or 204 without `output`. */
  status?: number;
  /** Answers made with `reply`, by status: for the API document. */
  replies?: { readonly [status: number]: DeclaredReply };
  /** Request headers it looks at, names in lower case, each with what it does: for the API document. */
  headers?: { readonly [name: string]: string };
  /** Why its changes leave nothing in the audit log, where `tx.audit` is not called. */
  audit?: { readonly none: string };
  handle(
    request: RouteRequest<Declared<P>, Declared<Q>, Declared<B>, Events, Records>,
  ): O extends Schema
    ? OutputOf<O> | Reply | Promise<OutputOf<O> | Reply>
    : void | Reply | Promise<void | Reply>;
}

export type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';

export interface Route<Events = unknown, Records = unknown> {
  readonly method: Method;
  /** Below `/api/v1/plugins/<name>`, or absolute where the kernel's allow-list grants it. `:name` marks a parameter. */
  readonly path: string;
  readonly definition: RouteDefinition<any, any, any, any, Events, Records>; // oxlint-disable-line no-explicit-any -- heterogeneous list; each element was checked where it was built
}

type RouteFactory = <
  P extends Schema | undefined = undefined,
  Q extends Schema | undefined = undefined,
  B extends Schema | undefined = undefined,
  O extends Schema | undefined = undefined,
  Events = unknown,
  Records = unknown,
  const Path extends string = string,
>(
  path: Path,
  definition: RouteDefinition<P, Q, B, O, Events, Records, Path>,
) => Route<Events, Records>;

/** GET has no body. */
type GetFactory = <
  P extends Schema | undefined = undefined,
  Q extends Schema | undefined = undefined,
  O extends Schema | undefined = undefined,
  Events = unknown,
  Records = unknown,
  const Path extends string = string,
>(
  path: Path,
  definition: RouteDefinition<P, Q, undefined, O, Events, Records, Path>,
) => Route<Events, Records>;

const make =
  (method: Method): RouteFactory =>
  // The places of cameras that a path allows are of no more use.
  (path, definition) => ({ method, path, definition: definition as never });

/** Builds routes: `route.get('/visits', { capability, scope, query, output, handle })`. */
export const route = {
  get: make('GET') as GetFactory,
  post: make('POST'),
  patch: make('PATCH'),
  put: make('PUT'),
  delete: make('DELETE'),
} as const;
