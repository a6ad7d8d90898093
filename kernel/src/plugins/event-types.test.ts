import { z, type Schema } from '@heldar/plugin-sdk';
import { expect, test } from 'vitest';
import { createEventTypes } from './event-types.ts';

const overstay = z.object({ plate: z.string(), minutes: z.number().default(0) });
const types = createEventTypes('parking', { overstay, zone_enter: z.object({}) });

test('an event carries its plugin’s name, and the payload its schema makes', () => {
  expect(types.checked('overstay', { plate: 'ABC1', extra: 1 })).toEqual({
    type: 'parking.overstay',
    payload: '{"plate":"ABC1","minutes":0}',
  });
});

test('names of the contract are granted to the plugin they are made for, and to no other', () => {
  const zones = createEventTypes('zones', { zone_enter: z.object({}) });
  expect(zones.checked('zone_enter', {}).type).toBe('zone_enter');
  expect(types.checked('zone_enter', {}).type).toBe('parking.zone_enter');
});

test('an event the manifest does not declare is refused, with what to do', () => {
  expect(() => types.checked('underpaid', {})).toThrow(
    "parking emits 'underpaid', which its manifest does not declare; add it to 'emits' in definePlugin",
  );
  expect(() => types.checked('toString', {})).toThrow("parking emits 'toString'");
});

test('a payload that does not fit names the member', () => {
  expect(() => types.checked('overstay', { plate: 7 })).toThrow(
    "parking: payload of event 'overstay', plate: Invalid input: expected string, received number",
  );
  expect(() => types.checked('overstay', null)).toThrow(
    "parking: payload of event 'overstay': Invalid input",
  );
});

test('an asynchronous schema is refused, and its late answer harms nobody', () => {
  const slow: Schema = {
    '~standard': { version: 1, vendor: 'test', validate: () => Promise.reject(new Error('late')) },
  };
  expect(() => createEventTypes('p', { slow }).checked('slow', {})).toThrow(
    "p: payload of event 'slow': its schema is asynchronous",
  );
});

test('a handler names an event of its own without the plugin, others as the journal does', () => {
  expect(types.listened('overstay')).toBe('parking.overstay');
  expect(types.listened('zone_exit')).toBe('zone_exit');
  expect(types.listened('gate.opened')).toBe('gate.opened');
});
