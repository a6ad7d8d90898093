import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { createFakeClock } from '../testing/fake-clock.ts';
import { createTraffic } from './traffic.ts';

/** What the traffic looks at of a response. */
function makeResponse(): ServerResponse {
  return Object.assign(new EventEmitter(), { closed: false, writableFinished: true }) as ServerResponse;
}

test('a handler that is over its time is answered for, and not before', async () => {
  const clock = createFakeClock();
  const traffic = createTraffic({ clock, concurrentRequests: 8, concurrentStreams: 8 });
  const told: string[] = [];
  traffic.enter(makeResponse()).limit(1000, ({ message }) => told.push(message));
  await clock.advance(900);
  expect(told).toEqual([]);
  await clock.advance(500);
  expect(told).toEqual(['the request took too long']);
});

test('no timer runs when no request is under way', () => {
  const clock = createFakeClock();
  const traffic = createTraffic({ clock, concurrentRequests: 8, concurrentStreams: 8 });
  const first = makeResponse();
  const second = makeResponse();
  for (const response of [first, second]) traffic.enter(response).limit(1000, () => undefined);
  first.emit('close');
  expect(clock.nextDue()).not.toBeNull();
  second.emit('close');
  expect(clock.nextDue()).toBeNull();
});
