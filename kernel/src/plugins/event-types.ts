/** What an event of a plugin is called in the journal, and whether its payload is what the manifest declared. */
import type { EventSchemas } from '@heldar/plugin-sdk';
import { HeldarError } from '../errors.ts';
import { payloadText } from './payloads.ts';

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
          `${plugin} emits '${type}', which its manifest does not declare; add it to 'emits' in definePlugin`,
        );
      return {
        type: nameOf(type),
        payload: payloadText(schema, payload, `${plugin}: payload of event '${type}'`),
      };
    },
    listened: (type) => (Object.hasOwn(emits, type) ? nameOf(type) : type),
  };
}
