/** Functions that plugins offer each other: looked up at each call, so that a swap of the other side goes unnoticed. */
import { HeldarError } from '../errors.ts';

export type Service = (...args: never[]) => Promise<unknown>;

export interface Services {
  /** In place of what the plugin offered before; answers how to withdraw it, which leaves a newer offer alone. */
  offer(plugin: string, services: Readonly<Record<string, Service>>): () => void;
  /** @throws (when called) HeldarError `unavailable` naming plugin and service. */
  reference(plugin: string, name: string): Service;
}

export function createServices(): Services {
  const offered = new Map<string, Readonly<Record<string, Service>>>();
  return {
    offer(plugin, services) {
      offered.set(plugin, services);
      return () => {
        if (offered.get(plugin) === services) offered.delete(plugin);
      };
    },
    reference:
      (plugin, name) =>
      async (...args) => {
        const services = offered.get(plugin);
        const service = services !== undefined && Object.hasOwn(services, name) ? services[name] : undefined;
        if (service === undefined)
          throw new HeldarError('unavailable', `the service ${plugin}.${name} is not offered now`, {
            details: { retryAfterS: 5 },
          });
        return service(...args);
      },
  };
}
