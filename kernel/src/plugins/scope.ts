/** What one generation of a plugin may touch: a strict child container, and the context made from it. */
import type { CameraInfo, Logger, PluginCapability, PluginContext } from '@heldar/plugin-sdk';
import type { DependencyContainer } from 'tsyringe';
import { HeldarError } from '../errors.ts';
import type { ReadDb } from '../store/store.ts';
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
  dispose(): void;
}

/** A generation's container, filled with what its manifest earned and nothing else. */
export function openScope(
  root: DependencyContainer,
  plugin: { name: string; config: unknown; capabilities: readonly PluginCapability[] },
  signal: AbortSignal,
): PluginScope {
  const offer = resolve(root, offerToken);
  const container = root.createChildContainer();
  const earned = new Set<string>(plugin.capabilities);
  provide(container, dbToken, () => offer.db);
  provide(container, logToken, () => offer.log(plugin.name));
  provide(container, signalToken, () => signal);
  if (earned.has('cameras:read')) provide(container, camerasToken, () => offer.cameras);
  if (earned.has('http:outbound')) provide(container, fetchToken, () => offer.fetch);
  if (earned.has('services:call')) provide(container, serviceToken, () => offer.services.reference);

  const guarded = <Value>(what: string, capability: PluginCapability, wanted: { key: symbol }): Value => {
    if (signal.aborted)
      throw new HeldarError('plugin_failed', `${plugin.name} used ctx.${what} after it was disposed`);
    if (!earned.has(capability))
      throw new HeldarError(
        'plugin_failed',
        `${plugin.name} used ctx.${what} without the capability '${capability}'; add it to capabilities in definePlugin`,
      );
    return resolve(container, wanted) as Value;
  };
  const context: PluginContext<unknown> = {
    name: plugin.name,
    config: plugin.config,
    db: resolve(container, dbToken),
    log: resolve(container, logToken),
    signal: resolve(container, signalToken),
    get cameras() {
      return guarded<Offer['cameras']>('cameras', 'cameras:read', camerasToken);
    },
    get fetch() {
      return guarded<typeof globalThis.fetch>('fetch', 'http:outbound', fetchToken);
    },
    service: (other, name) =>
      guarded<Services['reference']>('service', 'services:call', serviceToken)(other, name) as never,
  };
  return { context, dispose: () => container.reset() };
}
