import { consumer, type Tick } from '@heldar/plugin-sdk';
import { expect, test } from 'vitest';
import { createEventTypes } from '../plugins/event-types.ts';
import { makeActiveConsumer, type ActiveConsumer } from './consumer-run.ts';
import { isWork, laneIdOf, nextTickOf, positionBehind, tickComesFirst } from './lane-order.ts';
import type { LogRecord } from './record.ts';

function active(tick?: Pick<Tick<never>, 'every' | 'idle'>): ActiveConsumer {
  const definition = consumer<'*', never, never>({
    name: 'c',
    consume() {},
    ...(tick === undefined ? {} : { tick: { ...tick, run() {} } }),
  });
  return makeActiveConsumer(
    { consumerId: 1, epoch: 1, startSeq: 0 },
    {
      plugin: 'test',
      definition,
      taskTypes: new Set(['people']),
      attributes: new Map(),
      events: createEventTypes('test', {}),
    },
  );
}

function batch(seq: number, received: number, taskType = 'people'): LogRecord {
  return { kind: 'batch', seq, incarnation: 1, received, batch: { taskType } as never };
}

function control(seq: number, received: number, type: string): LogRecord {
  return { kind: 'record', seq, incarnation: 1, received, record: { type } as never };
}

const start = { seq: 0, tick: 0, ended: false };

test('a record belongs to the lane of its camera, or to the one of all; of no camera, to none but that', () => {
  expect([laneIdOf('camera', 7), laneIdOf('camera', null)]).toEqual([7, null]);
  expect([laneIdOf('all', 7), laneIdOf('all', null)]).toEqual([0, 0]);
});

test('ticks begin with the first record that is wanted, and never go back', () => {
  const ticking = active({ every: '1s' });
  const unwanted = positionBehind(ticking, 1, start, batch(1, 5500, 'plates'));
  expect(unwanted).toEqual({ seq: 1, tick: 0, ended: false });
  expect(nextTickOf(ticking, unwanted, 0)).toBeNull();
  const wanted = positionBehind(ticking, 1, unwanted, batch(2, 6500));
  expect(wanted).toEqual({ seq: 2, tick: 6000, ended: false });
  expect(nextTickOf(ticking, wanted, 0)).toBe(7000);
  const ticked = positionBehind(ticking, 1, wanted, 9000);
  expect(positionBehind(ticking, 1, ticked, batch(3, 9000))).toEqual({ seq: 3, tick: 9000, ended: false });
});

test('a tick comes before a record received behind it, and after one received at T itself', () => {
  expect([6999, 7000, 7001].map((received) => tickComesFirst(7000, batch(1, received)))).toEqual([
    false,
    false,
    true,
  ]);
  expect(tickComesFirst(null, batch(1, 1))).toBe(false);
});

test('a lane that skips idle ticks has none without state', () => {
  const skipping = active({ every: '1s', idle: 'skip' });
  const position = { seq: 1, tick: 1000, ended: false };
  expect([nextTickOf(skipping, position, 0), nextTickOf(skipping, position, 1)]).toEqual([null, 2000]);
});

test('the deletion of its camera ends the lane of a camera, not the one of all', () => {
  const plain = active({ every: '1s' });
  const deleted = control(4, 4000, 'camera.deleted');
  expect([isWork(plain, 1, deleted), isWork(plain, 0, deleted)]).toEqual([true, false]);
  const ended = positionBehind(plain, 1, { ...start, tick: 1000 }, deleted);
  expect(ended).toMatchObject({ seq: 4, ended: true });
  expect(nextTickOf(plain, ended, 1)).toBeNull();
  expect(positionBehind(plain, 0, start, deleted).ended).toBe(false);
});
