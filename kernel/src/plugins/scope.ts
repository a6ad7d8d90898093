/** What one generation of a plugin may touch: a strict child container, and the context made from it. */
import type { CameraInfo, Logger, PluginCapability, PluginContext } from '@heldar/plugin-sdk';
import type { DependencyContainer } from 'tsyringe';
import { HeldarError } from '../errors.ts';
import type { ReadDb } from '../store/store.ts';
import { placeOf } from './failure.ts';
import type { Services } from './services.ts';
import { provide, resolve, token } from './tokens.ts';

/** What the kernel offers plugins; resolved from the root container. */
export interface Offer {
  readonly db: ReadDb;
  readonly services: Services;
  readonly cameras: { get(id: string): CameraInfo | undefined; list(): CameraInfo[] };
  readonly fetch: typeof globalThis.fetch;
  log(plugin: string): Logger;
}

export const offerToken = token<Offer>('offer to plugins');

const dbToken = token<ReadDb>('db');
const logToken = token<Logger>('log');
const signalToken = token<AbortSignal>('signal');
const camerasToken = token<Offer['cameras']>('cameras');
const fetchToken = token<typeof globalThis.fetch>('fetch');
const serviceToken = token<Services['reference']>('service');

export interface PluginScope {
  readonly context: PluginContext<unknown>;
  readonly log: Logger;
  /** From now on every use of the context is refused and reported; requests under way are aborted. */
  dispose(): void;
}

/** A generation's container, filled with what its manifest earned and nothing else. */
export function openScope(
  root: DependencyContainer,
  plugin: {
    name: string;
    config: unknown;
    capabilities: readonly PluginCapability[];
    folder?: string | null;
  },
  signal: AbortSignal,
): PluginScope {
  const offer = resolve(root, offerToken);
  const container = root.createChildContainer();
  const log = offer.log(plugin.name);
  const ended = new AbortController();
  const use = createGuard(plugin, log, ended.signal);
  const earned = new Set<string>(plugin.capabilities);
  provide(container, dbToken, () => guardedDb(offer.db, use));
  provide(container, logToken, () => log);
  provide(container, signalToken, () => signal);
  if (earned.has('cameras:read')) provide(container, camerasToken, () => guardedCameras(offer.cameras, use));
  if (earned.has('http:outbound'))
    provide(container, fetchToken, () => guardedFetch(offer.fetch, use, ended.signal));
  if (earned.has('services:call'))
    provide(container, serviceToken, () => guardedServices(offer.services, use));

  const earnedUse = (what: string, capability: PluginCapability) => {
    use(what);
    if (!earned.has(capability))
      throw new HeldarError(
        'plugin_failed',
        `${plugin.name} used ctx.${what} without the capability '${capability}'; add it to capabilities in definePlugin`,
      );
  };
  const context: PluginContext<unknown> = {
    name: plugin.name,
    config: plugin.config,
    db: resolve(container, dbToken),
    log,
    signal: resolve(container, signalToken),
    get cameras() {
      earnedUse('cameras', 'cameras:read');
      return resolve(container, camerasToken);
    },
    get fetch() {
      earnedUse('fetch', 'http:outbound');
      return resolve(container, fetchToken);
    },
    service(other, name) {
      earnedUse('service', 'services:call');
      return resolve(container, serviceToken)(other, name) as never;
    },
  };
  return {
    context,
    log,
    dispose() {
      ended.abort(new Error(`${plugin.name} is disposed`));
      container.reset();
    },
  };
}

/** Throws once the generation is disposed. */
type Use = (what: string) => void;

/** What was taken out of the context while it lived is refused too: a timer that was not cleared shows itself here. Told once for each member. */
function createGuard(plugin: { name: string; folder?: string | null }, log: Logger, ended: AbortSignal): Use {
  const told = new Set<string>();
  return (what) => {
    if (!ended.aborted) return;
    const error = new HeldarError(
      'plugin_failed',
      `${plugin.name} used ctx.${what} after it was disposed; end what it started when ctx.signal is aborted, or in dispose`,
    );
    if (!told.has(what)) {
      told.add(what);
      log.error({ place: placeOf(error, plugin.folder ?? null) }, error.message);
    }
    throw error;
  };
}

function guardedDb(db: ReadDb, use: Use): ReadDb {
  return new Proxy(db, {
    get(target, member, receiver) {
      use('db');
      return Reflect.get(target, member, receiver) as unknown;
    },
  });
}

function guardedCameras(cameras: Offer['cameras'], use: Use): Offer['cameras'] {
  return {
    get(id) {
      use('cameras');
      return cameras.get(id);
    },
    list() {
      use('cameras');
      return cameras.list();
    },
  };
}

function guardedFetch(fetch: typeof globalThis.fetch, use: Use, ended: AbortSignal): typeof globalThis.fetch {
  return (input, init) => {
    use('fetch');
    const own = init?.signal ?? (input instanceof Request ? input.signal : null);
    return fetch(input, { ...init, signal: own === null ? ended : AbortSignal.any([own, ended]) });
  };
}

function guardedServices(services: Services, use: Use): Services['reference'] {
  return (other, name) => {
    const call = services.reference(other, name);
    return (...args) => {
      use('service');
      return call(...args);
    };
  };
}
