/** A route of the kernel itself: as a plugin's, plus routes that ask for no credential and answers that take their time. */
import type {
  Capability,
  DeclaredReply,
  Method,
  OutputOf,
  Reply,
  RouteRequest,
  Schema,
  Scope,
} from '@heldar/plugin-sdk';

import type { Caller } from '../auth/caller.ts';
import type { AuditDeclaration, AuditSubject, MakeAudit } from './audited.ts';
import type { Client } from './client-address.ts';

/** `public`: no credential is looked at. `authenticated`: any that is good. Plugins cannot declare either. */
export type KernelCapability = Capability | 'public' | 'authenticated';

/** Events and records the kernel emits are checked by the kernel's own types, not by a manifest. */
export type KernelEvents = Record<string, unknown>;

type Declared<S> = S extends Schema ? OutputOf<S> : object;

export interface KernelRouteDefinition<
  P extends Schema | undefined = undefined,
  Q extends Schema | undefined = undefined,
  B extends Schema | undefined = undefined,
  O extends Schema | undefined = undefined,
> {
  summary?: string;
  capability: KernelCapability;
  scope: Scope<Declared<P>, Declared<Q>, Declared<B>>;
  /** What it leaves in the audit log. Every route that changes something says so; a GET where it shows footage. */
  audit?: AuditDeclaration;
  params?: P;
  query?: Q;
  /** JSON. A schema that takes `undefined` makes it optional: without a Content-Type no body is read. */
  body?: B;
  /** Shape of the answer; `undefined` means an empty 204. */
  output?: O;
  /** Default 200, or 204 without `output`. */
  status?: number;
  /** Answers made with `reply`, by status: for the API document. */
  replies?: { readonly [status: number]: DeclaredReply };
  /** Request headers it looks at, each with what it does: for the API document. */
  headers?: { readonly [name: string]: string };
  /** How long `handle` may take; default `limits.answerMs`. */
  timeoutMs?: number;
  /** Its caller may also be told by a token in the URL. Only for what changes nothing. */
  urlToken?: true;
  /** Serve also while the limit of concurrent requests is reached: for probes. */
  whenBusy?: 'answer';
  handle(
    request: RouteRequest<Declared<P>, Declared<Q>, Declared<B>, KernelEvents, KernelEvents> & {
      readonly caller: Caller;
      readonly client: Client;
      /** The token that the URL carries, if the caller is known by it. */
      readonly urlToken: string | null;
      /** The row that goes along with the change. */
      readonly audit: MakeAudit;
      /** Before something is done that changes no row here: resolves when it is in the log. */
      acting(targetId: string | null, subject?: AuditSubject): Promise<void>;
      /** Before footage is shown: resolves when the access is in the log. */
      accessed(targetId: string, subject?: AuditSubject): Promise<void>;
    },
  ): O extends Schema
    ? OutputOf<O> | Reply | Promise<OutputOf<O> | Reply>
    : void | Reply | Promise<void | Reply>;
}

export interface KernelRoute {
  readonly method: Method;
  /** From the server's root; `:name` marks a parameter. */
  readonly path: string;
  readonly definition: KernelRouteDefinition<any, any, any, any>; // oxlint-disable-line no-explicit-any -- heterogeneous list; each element was checked where it was built
}

type KernelRouteFactory = <
  P extends Schema | undefined = undefined,
  Q extends Schema | undefined = undefined,
  B extends Schema | undefined = undefined,
  O extends Schema | undefined = undefined,
>(
  path: string,
  definition: KernelRouteDefinition<P, Q, B, O>,
) => KernelRoute;

const make =
  (method: Method): KernelRouteFactory =>
  (path, definition) => ({ method, path, definition });

/** Builds routes of the kernel: `kernelRoute.get('/healthz', { capability: 'public', scope, output, handle })`. */
export const kernelRoute = {
  get: make('GET'),
  post: make('POST'),
  patch: make('PATCH'),
  put: make('PUT'),
  delete: make('DELETE'),
} as const;
