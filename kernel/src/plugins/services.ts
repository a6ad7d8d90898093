/** Functions that plugins offer each other: looked up at each call, so that a swap of the other side goes unnoticed. */
import { HeldarError } from '../errors.ts';

type Service = (...args: never[]) => Promise<unknown>;

export interface Services {
  offer(plugin: string, services: Readonly<Record<string, Service>>): void;
  withdraw(plugin: string): void;
  /** @throws (when called) HeldarError `unavailable` naming plugin and service. */
  reference(plugin: string, name: string): Service;
}

export function createServices(): Services {
  const offered = new Map<string, Readonly<Record<string, Service>>>();
  return {
    offer: (plugin, services) => void offered.set(plugin, services),
    withdraw: (plugin) => void offered.delete(plugin),
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
