/** Whose code does this run for? Follows what a plugin starts through timers, sockets and promises. */
import { AsyncLocalStorage } from 'node:async_hooks';

const plugins = new AsyncLocalStorage<string>();

/** Runs code of a plugin; what it starts counts as its own for as long as it goes on. */
export function runAs<Result>(plugin: string, run: () => Result): Result {
  return plugins.run(plugin, run);
}

/** The plugin that the running code was started by, or null. */
export function runningPlugin(): string | null {
  return plugins.getStore() ?? null;
}
