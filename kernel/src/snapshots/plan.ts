/** Which stills are due now, and when is the next one? */

export interface PlannedSchedule {
  readonly id: string;
  readonly cameraId: string;
  readonly intervalSeconds: number;
  /** Wall clock, ms; null: never. */
  readonly lastFiredAt: number | null;
}

export interface PlanFacts<Schedule extends PlannedSchedule> {
  readonly schedules: readonly Schedule[];
  /** Wall clock, ms. */
  readonly now: number;
  /** Cameras of which a still is being taken. */
  readonly busy: ReadonlySet<string>;
  /** Cameras whose last still succeeded. */
  readonly proven: ReadonlySet<string>;
  /** Cameras that are not asked again before a time, ms. */
  readonly restingUntil: ReadonlyMap<string, number>;
  /** How many stills may be begun. */
  readonly slots: number;
  /** How many of them of cameras that are not proven: they may hold a slot until their time is up. */
  readonly slotsForUnproven: number;
}

export interface SnapshotPlan<Schedule extends PlannedSchedule> {
  /** At most one of a camera. */
  readonly due: readonly Schedule[];
  /** ms from now until something else falls due by itself; null: nothing will. */
  readonly nextInMs: number | null;
}

/** What is due longest comes first. A schedule that fired in the future has seen the clock step back, and is due. */
export function planSnapshots<Schedule extends PlannedSchedule>(
  facts: PlanFacts<Schedule>,
): SnapshotPlan<Schedule> {
  const { now, proven } = facts;
  const timed = facts.schedules
    .map((schedule) => ({ schedule, dueAt: dueAt(schedule, facts) }))
    .sort((a, b) => a.dueAt - b.dueAt);
  const due: Schedule[] = [];
  const taken = new Set(facts.busy);
  let unproven = 0;
  for (const { schedule, dueAt: time } of timed) {
    if (time > now || due.length >= facts.slots) break;
    if (taken.has(schedule.cameraId)) continue;
    const isProven = proven.has(schedule.cameraId);
    if (!isProven && unproven >= facts.slotsForUnproven) continue;
    if (!isProven) unproven += 1;
    taken.add(schedule.cameraId);
    due.push(schedule);
  }
  // What waits for a slot or for its camera is looked at when that is free.
  const next = timed.find(({ dueAt: time }) => time > now);
  return { due, nextInMs: next === undefined ? null : next.dueAt - now };
}

function dueAt(
  { lastFiredAt, intervalSeconds, cameraId }: PlannedSchedule,
  { now, restingUntil }: Pick<PlanFacts<PlannedSchedule>, 'now' | 'restingUntil'>,
): number {
  const regular =
    lastFiredAt === null || lastFiredAt > now
      ? Number.NEGATIVE_INFINITY
      : lastFiredAt + intervalSeconds * 1000;
  return Math.max(regular, restingUntil.get(cameraId) ?? Number.NEGATIVE_INFINITY);
}
