/** How the passes of retention run: plan, remove, measure, in bounded batches until nothing is left to do. */
import type { Logger } from '@heldar/plugin-sdk';
import { messageOf } from '../errors.ts';
import type { FactsSource } from './retention-facts.ts';
import {
  diskUnreadable,
  notRecovering,
  standingNotice,
  type Notices,
  type RetentionLimits,
  type StandingNotice,
} from './retention-notices.ts';
import {
  planByAge,
  planByFloor,
  planByQuota,
  planBySize,
  type Candidate,
  type Disk,
  type Plan,
  type RetentionFacts,
  type RetentionReason,
} from './retention-plan.ts';
import type { RecordingRoot } from './folder-identity.ts';
import { canDelete, type RetentionRoots } from './retention-roots.ts';
import type { Removed } from './remove-segments.ts';

export interface PassDeps {
  readonly facts: FactsSource;
  readonly roots: RetentionRoots;
  readonly limits: RetentionLimits;
  readonly notices: Notices;
  readonly log: Logger;
  readonly signal: AbortSignal;
  readDisk(folder: string): Promise<Disk>;
  remove(victims: readonly Candidate[]): Promise<Removed>;
  /** Deletes what is due beside the footage; asked before footage has to go for want of space. */
  relieve(): Promise<void>;
}

/** Each answers the number of segments that went. */
export interface RetentionPasses {
  /** Free space on every disk: what recording needs most. */
  floor(): Promise<number>;
  age(): Promise<number>;
  quota(): Promise<number>;
  size(): Promise<number>;
}

/** Rows of one write: some milliseconds of the writer. */
export const batchSize = 200;
/** A sweep leaves what exceeds it to the next one. */
const batchesPerPass = 200;

export function createPasses(deps: PassDeps): RetentionPasses {
  const { facts, limits, notices, log, signal } = deps;
  /** Roots where deleting gave no space back. */
  const stuck = new Set<string>();

  /** A batch is planned and removed before another pass plans: two that count on the same space would take too much. */
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const done = turn.then(work);
    turn = done.catch(() => undefined);
    return done;
  };

  /** Names of the roots that are there. */
  const present = async (): Promise<string[]> => {
    const states = await Promise.all(
      deps.roots.all.map(async ({ name }) => ({ name, state: await deps.roots.check(name) })),
    );
    for (const { name, state } of states)
      if (!canDelete(state))
        log.error({ root: name, reason: state.fault?.detail }, 'retention leaves this recordings root alone');
    return states.filter(({ state }) => canDelete(state)).map(({ name }) => name);
  };

  const removeAll = async (
    reason: Exclude<RetentionReason, 'free_floor'>,
    plan: (facts: RetentionFacts) => Plan,
  ): Promise<number> => {
    const among = await present();
    if (among.length === 0) return 0;
    let deleted = 0;
    let planned: Plan | null = null;
    for (let batch = 0; batch < batchesPerPass && !signal.aborted; batch += 1) {
      const step = await inTurn(() => removeNext(deps, plan(facts.read(among))));
      planned = step.plan;
      const { segments, kept } = step.removed;
      deleted += segments;
      notices.deleted(reason, segments);
      if (segments === 0 || kept > 0) break;
    }
    await notices.standing(
      reason,
      (planned?.standing ?? []).map((one) => standingNotice(one, limits)),
    );
    return deleted;
  };

  const floorOf = async (root: RecordingRoot): Promise<number> => {
    const pass = `free_floor ${root.name}`;
    const tell = (...standing: StandingNotice[]) => notices.standing(pass, standing);
    const disk = await readDiskOf(deps, root);
    if (disk === null) {
      await tell(diskUnreadable(root.name));
      return 0;
    }
    if (disk.freeBytes < limits.minFreeBytes) await deps.relieve();
    const isOneOfSeveral = deps.roots.all.length > 1;
    let deleted = 0;
    let isStuck = stuck.has(root.name);
    let planned: Plan | null = null;
    for (let batch = 0; batch < batchesPerPass && !signal.aborted; batch += 1) {
      // Where deleting gave nothing back, one segment at a time finds out whether it does again.
      const limit = isStuck ? 1 : batchSize;
      const step = await inTurn(async () => {
        const before = await deps.readDisk(root.path);
        const now = facts.read([root.name], isOneOfSeveral);
        const next = await removeNext(deps, planByFloor(now, before, limits.minFreeBytes, limit));
        return { ...next, before, after: await deps.readDisk(root.path) };
      });
      planned = step.plan;
      const { segments } = step.removed;
      deleted += segments;
      notices.deleted('free_floor', segments);
      if (segments > 0) isStuck = step.after.freeBytes <= step.before.freeBytes;
      else if (step.before.freeBytes >= limits.minFreeBytes) isStuck = false;
      if (segments === 0 || isStuck) break;
    }
    if (isStuck) stuck.add(root.name);
    else stuck.delete(root.name);
    await tell(
      ...(isStuck ? [notRecovering(limits, deleted, root.name)] : []),
      ...(planned?.standing ?? []).map((one) => standingNotice(one, limits, root.name)),
    );
    return deleted;
  };

  return {
    async floor() {
      if (limits.minFreeBytes <= 0) return 0;
      let deleted = 0;
      for (const root of deps.roots.all)
        try {
          if (canDelete(await deps.roots.check(root.name))) deleted += await floorOf(root);
        } catch (error) {
          log.error({ root: root.name, reason: messageOf(error) }, 'free space could not be made');
        }
      return deleted;
    },
    age: () => removeAll('age', (now) => planByAge(now, batchSize)),
    quota: () => removeAll('camera_quota', (now) => planByQuota(now, batchSize)),
    size: () => removeAll('size_cap', (now) => planBySize(now, limits.maxRecordingsBytes, batchSize)),
  };
}

async function removeNext(deps: PassDeps, plan: Plan): Promise<{ plan: Plan; removed: Removed }> {
  const nothing = { segments: 0, bytes: 0, kept: 0 };
  return { plan, removed: plan.victims.length === 0 ? nothing : await deps.remove(plan.victims) };
}

async function readDiskOf(deps: PassDeps, root: RecordingRoot): Promise<Disk | null> {
  try {
    return await deps.readDisk(root.path);
  } catch (error) {
    deps.log.warn({ root: root.name, reason: messageOf(error) }, 'the free space can not be read');
    return null;
  }
}
