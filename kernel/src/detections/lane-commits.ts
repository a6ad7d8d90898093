/** What a lane has done but not yet made durable: sent in order, one unit at a time, and taken back when the store refuses it. */
import type { LaneResult, LaneStep, LaneUnit } from '../store/units.ts';

export interface LaneEffects {
  readonly step: LaneStep;
  /** Names the record or tick. */
  readonly key: string;
  readonly received: number;
}

export interface LaneCommits {
  /** Cursor and tick that the database holds. */
  readonly durable: { readonly seq: number; readonly tick: number };
  /** Steps not yet durable. */
  readonly length: number;
  add(effects: LaneEffects): void;
  /** Sends what has gathered, unless a commit is under way: then it goes next, as one unit. */
  flush(): void;
  /** Resolves once all effects up to now are durable or taken back. */
  settled(): Promise<void>;
  /** Drops what is not sent yet and waits for what is. */
  stop(): Promise<void>;
}

export interface CommitOutcomes {
  applied(effects: readonly LaneEffects[]): void;
  /** The first of `dropped` failed (`error`), or the store did (`storeError`); the lane goes back to `durable`. */
  dropped(dropped: readonly LaneEffects[], reason: { error: string } | { storeError: unknown }): void;
  /** Another generation took over: `dropped` is its work now. */
  fenced(dropped: readonly LaneEffects[]): void;
  /** The lane was stopped before these were sent. */
  givenUp(dropped: readonly LaneEffects[]): void;
}

export function createLaneCommits(options: {
  unit: Pick<LaneUnit, 'kind' | 'plugin' | 'consumerId' | 'lane' | 'epoch'>;
  durable: { seq: number; tick: number };
  commit(unit: LaneUnit): Promise<LaneResult>;
  outcomes: CommitOutcomes;
}): LaneCommits {
  const { outcomes } = options;
  let { durable } = options;
  let pending: LaneEffects[] = [];
  let running: Promise<void> | null = null;
  let stopped = false;

  const flush = () => {
    if (running !== null || pending.length === 0 || stopped) return;
    const sent = pending.slice();
    running = options
      .commit({
        ...options.unit,
        fromSeq: durable.seq,
        fromTick: durable.tick,
        steps: sent.map(({ step }) => step),
      })
      .then(
        (result) => finish(sent, result),
        (storeError: unknown) => dropAll({ storeError }),
      )
      .finally(() => {
        running = null;
        flush();
      });
  };

  const finish = (sent: readonly LaneEffects[], { applied, error, fenced }: LaneResult) => {
    if (fenced === true) {
      stopped = true;
      outcomes.fenced(takeAll());
      return;
    }
    const last = sent[applied - 1]?.step;
    if (last !== undefined) durable = { seq: last.seq, tick: last.tick };
    pending = pending.slice(applied);
    outcomes.applied(sent.slice(0, applied));
    if (error !== undefined) dropAll({ error });
  };

  const dropAll = (reason: { error: string } | { storeError: unknown }) =>
    outcomes.dropped(takeAll(), reason);

  const takeAll = (): readonly LaneEffects[] => {
    const taken = pending;
    pending = [];
    return taken;
  };

  return {
    get durable() {
      return durable;
    },
    get length() {
      return pending.length;
    },
    add(effects) {
      pending.push(effects);
      if (pending.length === 1) setImmediate(flush);
    },
    flush,
    async settled() {
      while (pending.length > 0 && !stopped) {
        flush();
        await running;
      }
    },
    async stop() {
      stopped = true;
      await running;
      if (pending.length > 0) outcomes.givenUp(takeAll());
    },
  };
}
