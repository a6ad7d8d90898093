import { expect, it } from 'vitest';
import { intentsOfDowntime, type DowntimeFacts } from './downtime-intents.ts';

const at = (time: string) => Date.parse(`2026-11-${time}Z`);
const facts: DowntimeFacts = {
  mode: 'scheduled',
  windows: [{ days: [0, 1, 2, 3, 4, 5, 6], timeStart: '08:00', timeEnd: '17:00' }],
  timeZone: 'UTC',
  before: 'scheduled',
  triggeredUntil: null,
  from: at('23T16:00'),
  now: at('25T07:00'),
};

it('windows that opened and closed meanwhile were meant to be recorded', () => {
  expect(intentsOfDowntime(facts)).toEqual([
    { at: at('23T17:00'), reason: null },
    { at: at('24T08:00'), reason: 'scheduled' },
    { at: at('24T17:00'), reason: null },
  ]);
});

it('what is continuous goes on, and nothing began for a camera that waits for triggers', () => {
  expect(intentsOfDowntime({ ...facts, mode: 'continuous', before: 'continuous' })).toEqual([]);
  expect(intentsOfDowntime({ ...facts, mode: 'event', before: null })).toEqual([]);
});

it('a trigger ended when it was to end', () => {
  const triggered = { ...facts, mode: 'event', before: 'event', triggeredUntil: at('23T16:01') } as const;
  expect(intentsOfDowntime(triggered)).toEqual([{ at: at('23T16:01'), reason: null }]);
  expect(intentsOfDowntime({ ...triggered, now: at('23T16:00') })).toEqual([]);
});
