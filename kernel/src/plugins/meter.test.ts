import { expect, test } from 'vitest';
import { noWatch } from '../runtime/watchdog.ts';
import { createMeter } from './meter.ts';

function create() {
  let now = 0;
  const meter = createMeter(() => now);
  return { meter, watch: meter.around(noWatch), pass: (ms: number) => void (now += ms) };
}

test('the time between a call’s mark and its end is the plugin’s, whichever of its parts was called', () => {
  const { meter, watch, pass } = create();
  for (const [label, ms] of [
    ['people-counter.visits', 4],
    ['people-counter GET /visits', 30],
    ['people-counter service count', 1],
  ] as const) {
    const leave = watch.enter(label);
    pass(ms);
    leave();
  }
  expect(meter.take('people-counter')).toMatchObject({ calls: 3, busyMs: 35, blockMs: 4 });
  expect(meter.take('people-counter')).toMatchObject({ calls: 0, busyMs: 0, blockMs: 0 });
});

test('what one plugin’s call spends in another’s is the other’s', () => {
  const { meter, watch, pass } = create();
  const leaveOuter = watch.enter('outer.c');
  pass(5);
  const leaveInner = watch.enter('inner service s');
  pass(100);
  leaveInner();
  pass(5);
  leaveOuter();
  expect(meter.take('outer').busyMs).toBe(10);
  expect(meter.take('inner').busyMs).toBe(100);
});

test('a start may take its time', () => {
  const { meter, watch, pass } = create();
  for (const label of ['parking setup', 'parking import']) {
    const leave = watch.enter(label);
    pass(1_000);
    leave();
  }
  expect(meter.take('parking')).toMatchObject({ calls: 0, busyMs: 0 });
});

test('of calls that await, 19 in 20 are as fast as it says, and the mean is theirs', () => {
  const { meter, watch } = create();
  for (let ms = 1; ms <= 100; ms += 1) watch.took('parking.visits', ms);
  expect(meter.take('parking')).toMatchObject({ slowCallMs: 96, meanCallMs: 50.5 });
});
