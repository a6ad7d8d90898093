import { every, sql, type Job } from '@heldar/plugin-sdk';
import { expect, test } from 'vitest';
import { noWatch } from '../runtime/watchdog.ts';
import type { ChangeUnit } from '../store/units.ts';
import { createFakeClock, type FakeClock } from '../testing/fake-clock.ts';
import { createEventTypes } from './event-types.ts';
import { startJob, type RunningJob } from './jobs.ts';

interface Running {
  readonly clock: FakeClock;
  readonly job: RunningJob;
  readonly units: ChangeUnit[];
  readonly failures: unknown[];
}

function start(job: Job): Running {
  const clock = createFakeClock();
  const units: ChangeUnit[] = [];
  const failures: unknown[] = [];
  const owner = {
    plugin: 'parking',
    events: createEventTypes('parking', {}),
    recordTypes: new Set<string>(),
    siteOf: () => null,
  };
  const commit = async (unit: unknown) => {
    units.push(unit as ChangeUnit);
    return { ok: true } as never;
  };
  const running = startJob({
    owner,
    job,
    clock,
    watch: noWatch,
    store: { commit },
    onFailed: (error) => failures.push(error),
  });
  return { clock, job: running, units, failures };
}

const hour = 3_600_000;

test('an interval runs one interval after the end of the run before', async () => {
  const times: number[] = [];
  const { clock, job } = start(
    every('1h', 'count', ({ now }) => void times.push(now - Date.UTC(2026, 0, 1))),
  );
  await clock.advance(2.5 * hour);
  expect(times).toEqual([hour, 2 * hour]);
  await job.stop();
  await clock.advance(2 * hour);
  expect(times).toHaveLength(2);
});

test('an interval longer than a timer can hold is kept', async () => {
  let runs = 0;
  const { clock, job } = start(every('60d', 'rarely', () => void (runs += 1)));
  await clock.advance(59 * 24 * hour);
  expect(runs).toBe(0);
  await clock.advance(24 * hour);
  expect(runs).toBe(1);
  await job.stop();
});

test('a cron pattern runs at its times, and never when there is none', async () => {
  const times: string[] = [];
  const { clock, job } = start(
    every('0 30 3 * * *', 'nightly', ({ now }) => void times.push(new Date(now).toTimeString().slice(0, 8))),
  );
  await clock.advance(48 * hour);
  expect(times).toEqual(['03:30:00', '03:30:00']);
  await job.stop();
  const never = start(every('2020-01-01T00:00:00', 'over', () => void times.push('over')));
  await never.clock.advance(48 * hour);
  expect(times).toHaveLength(2);
});

test('a run that goes on is not started twice', async () => {
  let started = 0;
  const gate = Promise.withResolvers<void>();
  const { clock, job } = start(
    every('1h', 'slow', async () => {
      started += 1;
      await gate.promise;
    }),
  );
  await clock.advance(5 * hour);
  expect(started).toBe(1);
  gate.resolve();
  await new Promise((resolve) => setImmediate(resolve));
  await clock.advance(hour);
  expect(started).toBe(2);
  await job.stop();
});

test('its effects are one unit; a run that fails commits nothing, is told, and comes again', async () => {
  let run = 0;
  const { clock, job, units, failures } = start(
    every('1h', 'sometimes', async ({ tx }) => {
      tx.write(sql`delete from parking_visits where run = ${(run += 1)}`);
      if (run === 1) throw new Error('first');
    }),
  );
  await clock.advance(2 * hour);
  expect(failures).toMatchObject([{ message: 'first' }]);
  expect(units).toMatchObject([{ kind: 'change', writes: [{ params: [2] }] }]);
  await job.stop();
});

test('stopping waits for the run and drops its effects', async () => {
  const gate = Promise.withResolvers<void>();
  let aborted = false;
  const { clock, job, units, failures } = start(
    every('1h', 'slow', async ({ tx, signal }) => {
      await gate.promise;
      aborted = signal.aborted;
      tx.write(sql`delete from parking_visits`);
    }),
  );
  await clock.advance(hour);
  const stopped = job.stop();
  gate.resolve();
  await stopped;
  expect({ aborted, units, failures }).toEqual({ aborted: true, units: [], failures: [] });
});

test('a schedule that is none is refused by plugin, job and text', () => {
  // A literal would not compile.
  const schedule: string = 'sometimes';
  expect(() => start(every(schedule, 'odd', () => undefined))).toThrow(
    /^parking: job 'odd': 'sometimes' is neither an interval \('1h'\) nor a cron pattern: /,
  );
  expect(() => start(every('1ms', 'hasty', () => undefined))).toThrow(/at least '10ms'/);
});
