/** What can be resolved from a container, by typed token; nothing is ever inferred. */
import 'reflect-metadata';
import { container, type DependencyContainer, type InjectionToken } from 'tsyringe';
import { HeldarError } from '../errors.ts';

/** A container with nothing in it; children of it are strict by `resolve`. */
export function createRootContainer(): DependencyContainer {
  return container.createChildContainer();
}

declare const provided: unique symbol;
/** A name that resolves to a `Value`. */
export interface Token<Value> {
  readonly key: symbol;
  readonly [provided]?: Value;
}

export function token<Value>(name: string): Token<Value> {
  return { key: Symbol(name) };
}

export function provide<Value>(
  container: DependencyContainer,
  { key }: Token<Value>,
  make: () => Value,
): void {
  container.register(key as InjectionToken<Value>, { useFactory: make });
}

/**
 * Strict: asks this container only. tsyringe would enter a token that a child misses into the root, which keeps every reloaded
 * generation alive.
 */
export function resolve<Value>(container: DependencyContainer, { key }: Token<Value>): Value {
  if (!container.isRegistered(key as InjectionToken<Value>))
    throw new HeldarError('internal', `${key.description ?? 'a token'} is not registered in this container`);
  return container.resolve(key as InjectionToken<Value>);
}
