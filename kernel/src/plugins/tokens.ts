/** What can be resolved from a container, by typed token; nothing is ever inferred. */
import 'reflect-metadata';
import { container, type DependencyContainer } from 'tsyringe';
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

export function provide<Value>(into: DependencyContainer, { key }: Token<Value>, make: () => Value): void {
  into.register(key, { useFactory: make });
}

/**
 * Strict: asks this container only. tsyringe would enter a token that a child misses into the root, which keeps every reloaded
 * generation alive.
 */
export function resolve<Value>(from: DependencyContainer, { key }: Token<Value>): Value {
  if (!from.isRegistered(key))
    throw new HeldarError('internal', `${key.description ?? 'a token'} is not registered in this container`);
  return from.resolve<Value>(key);
}
