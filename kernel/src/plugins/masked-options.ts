/** How are a plugin's options kept beside what came of them? As JSON, without what is secret. */
import type { PluginDefinition } from '@heldar/plugin-sdk';
import { showValue } from '../config/mask.ts';
import { describeOptions } from './describe-schema.ts';

/** Options that the schema calls secret, or that are secret by their name, stand as `"***"`. */
export function maskedOptions(definition: PluginDefinition, options: unknown): string {
  const text = showValue('', options ?? {});
  const described = definition.config === undefined ? [] : (describeOptions(definition.config) ?? []);
  const secret = described.filter((option) => option.secret);
  if (secret.length === 0) return text;
  const masked = JSON.parse(text) as unknown;
  for (const { path } of secret) mask(masked, path);
  return JSON.stringify(masked);
}

function mask(value: unknown, path: readonly string[]): void {
  const [member, ...rest] = path;
  if (typeof value !== 'object' || value === null || member === undefined || !Object.hasOwn(value, member))
    return;
  const inner = value as Record<string, unknown>;
  if (rest.length > 0) mask(inner[member], rest);
  else if (inner[member] !== null) inner[member] = '***';
}
