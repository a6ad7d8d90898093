/** What an event of a plugin is called in the journal, and whether its payload is what the manifest declared. */
import type { EventSchemas } from '@heldar/plugin-sdk';
import { HeldarError } from '../errors.ts';

/** Names of the contract that first-party plugins may emit as they are. */
const granted: Readonly<Record<string, readonly string[]>> = {
  zones: ['zone_enter', 'zone_exit', 'zone_dwell'],
};

export interface EventTypes {
  /** The journal's name for an event the plugin emits. @throws HeldarError `effect_refused` when it declared no such event or the payload does not fit. */
  checked(type: string, payload: unknown): { type: string; payload: string };
  /** The journal's name of a type a handler listens to. */
  listened(type: string): string;
}

export function createEventTypes(plugin: string, emits: EventSchemas): EventTypes {
  const nameOf = (type: string) => (granted[plugin]?.includes(type) === true ? type : `${plugin}.${type}`);
  return {
    checked(type, payload) {
      const schema = Object.hasOwn(emits, type) ? emits[type] : undefined;
      if (schema === undefined)
        throw new HeldarError(
          'effect_refused',
          `${plugin} emits '${type}', which its manifest does not declare in 'emits'`,
        );
      const outcome = schema['~standard'].validate(payload);
      if (outcome instanceof Promise)
        throw new HeldarError(
          'effect_refused',
          `${plugin}: the schema of event '${type}' is asynchronous; use a synchronous one`,
        );
      if (outcome.issues !== undefined) {
        const [issue] = outcome.issues;
        const path = (issue?.path ?? [])
          .map((part) => String(typeof part === 'object' ? part.key : part))
          .join('.');
        throw new HeldarError(
          'effect_refused',
          `${plugin}: payload of event '${type}'${path === '' ? '' : `, ${path}`}: ${issue?.message ?? 'invalid'}`,
        );
      }
      return { type: nameOf(type), payload: JSON.stringify(outcome.value ?? null) };
    },
    listened: (type) => (Object.hasOwn(emits, type) ? nameOf(type) : type),
  };
}
