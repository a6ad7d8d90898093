import { expect, test } from 'vitest';
import type { Clock } from '../clock.ts';
import { createFakeClock } from '../testing/fake-clock.ts';
import { Pacer } from './pacer.ts';

const packets = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => [Buffer.from([from + index]), Buffer.alloc(1249)]);

function pacerOf(clock: Clock): { pacer: Pacer; sent: number[] } {
  const sent: number[] = [];
  return { sent, pacer: new Pacer(clock, ([first]) => sent.push(first?.readUInt8(0) ?? -1)) };
}

test('a small frame goes out at once', async () => {
  const { pacer, sent } = pacerOf(createFakeClock());
  pacer.push(packets(20));
  expect(sent).toHaveLength(20);
  expect(pacer.queuedBytes).toBe(0);
});

test('a large frame goes out at the rate of a network port, in order', async () => {
  const clock = createFakeClock();
  const { pacer, sent } = pacerOf(clock);
  pacer.push(packets(100));
  const atOnce = sent.length;
  expect(atOnce).toBe(27);
  await clock.advance(1);
  pacer.push(packets(1, 100));
  expect(sent.length - atOnce).toBe(10);
  expect(pacer.queuedBytes).toBe(64 * 1250);
  for (let ms = 0; ms < 7; ms += 1) await clock.advance(1);
  expect(sent).toEqual(Array.from({ length: 101 }, (_, index) => index));
  expect(pacer.queuedBytes).toBe(0);
});

test('nothing goes out after the stop', async () => {
  const clock = createFakeClock();
  const { pacer, sent } = pacerOf(clock);
  pacer.push(packets(100));
  pacer.stop();
  await clock.advance(100);
  expect(sent).toHaveLength(27);
  expect(pacer.queuedBytes).toBe(0);
});
