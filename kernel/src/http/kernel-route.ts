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
  /** Serve also while the limit of concurrent requests is reached: for probes. */
  whenBusy?: 'answer';
  handle(
    request: RouteRequest<Declared<P>, Declared<Q>, Declared<B>, KernelEvents, KernelEvents> & {
      readonly caller: Caller;
      readonly client: Client;
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
