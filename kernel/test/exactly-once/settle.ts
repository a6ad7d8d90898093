/** When has the kernel done everything? When no consumer lags, no handler either, and ticks ran a while behind the last record. */
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import Database from 'better-sqlite3';
import type { ProofClock } from './proof-clock.ts';

export interface SettleOptions {
  readonly url: string;
  readonly dataFolder: string;
  readonly clock: ProofClock;
  /** Log time to wait for behind the last record, ms. */
  readonly behindLastRecordMs: number;
  /** Real time, ms. */
  readonly deadlineMs: number;
}

interface Plugin {
  readonly name: string;
  readonly state: string;
  readonly consumers: readonly { name: string; lag_records: number; failing: unknown }[];
  readonly handlers: readonly { name: string; seq: number; failing: unknown }[];
}

/** Log time in which a tick that was due becomes durable, generously: 50 ms between sweeps, a commit, at the proof's speed. */
const tickDelayMs = 6_000;

/**
 * Resolves with a log time up to which all records and ticks have had their effects.
 * @throws after the deadline, saying who still lags.
 */
export async function settle(options: SettleOptions): Promise<number> {
  const { clock } = options;
  const deadline = performance.now() + options.deadlineMs;
  const db = new Database(join(options.dataFolder, 'heldar.db'), { readonly: true });
  const heads = db.prepare(
    `SELECT (SELECT coalesce(max(seq), 0) FROM log) AS log, (SELECT coalesce(max(seq), 0) FROM events) AS journal,
            (SELECT received FROM log ORDER BY seq DESC LIMIT 1) AS received`,
  );
  // The consumer `beat` has an effect in every tick, so its durable tick tells how far ticks are.
  const ticked = db
    .prepare(
      `SELECT max(tick) FROM lanes WHERE consumer_id = (SELECT id FROM consumers WHERE plugin = 'beat')`,
    )
    .pluck();
  const waitUntil = async (look: () => string | null | Promise<string | null>) => {
    for (let reason = await look(); reason !== null; reason = await look()) {
      if (performance.now() > deadline)
        throw new Error(`not settled within ${options.deadlineMs} ms: ${reason}`);
      await setTimeout(50);
    }
  };
  try {
    let before = '';
    await waitUntil(async () => {
      const now = heads.get() as { log: number; journal: number };
      const lagging = await whoLags(options.url, now.journal);
      const after = JSON.stringify(now);
      const isSame = after === before;
      before = after;
      return lagging ?? (isSame ? null : 'the log or the journal still grows');
    });
    const { received } = heads.get() as { received: number };
    const at = Math.max(clock.now(), received + options.behindLastRecordMs);
    await waitUntil(() => {
      const tick = ticked.get() as number | null;
      return tick !== null && tick > at + tickDelayMs
        ? null
        : `ticks are at ${tick}, not at ${at + tickDelayMs}`;
    });
    return at;
  } finally {
    db.close();
  }
}

async function whoLags(url: string, journalHead: number): Promise<string | null> {
  const plugins = (await (await fetch(`${url}/api/v1/plugins`)).json()) as readonly Plugin[];
  for (const { name, state, consumers, handlers } of plugins) {
    if (state !== 'running') return `${name} is ${state}`;
    for (const consumer of consumers)
      if (consumer.lag_records > 0 || consumer.failing !== null)
        return `${name}.${consumer.name}: ${JSON.stringify(consumer)}`;
    for (const handler of handlers)
      if (handler.seq < journalHead || handler.failing !== null)
        return `${name}.${handler.name}: ${JSON.stringify(handler)}`;
  }
  return null;
}
