/** The proof: load, kills, a rest, a clean stop, and then the comparison of what is there with what the log and the clients say. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkAcknowledgements } from './acknowledgements.ts';
import { cameras } from './frames.ts';
import type { FoldSummary } from './fold/summary.ts';
import { addSteps } from './growth.ts';
import { killOnce, startServing, stopCleanly, type KillLoopOptions } from './kill-loop.ts';
import type { Kill } from './kill-plan.ts';
import { migrationsOf, type KernelProcess } from './kernel-process.ts';
import { createPersistentClient } from './persistent-client.ts';
import { startProofClock } from './proof-clock.ts';
import { randomOf } from './random.ts';
import { seedCameras } from './seed-cameras.ts';
import { settle } from './settle.ts';
import { startLoad, type LoadOptions } from './workers.ts';
import { startZoneEditor } from './zone-editor.ts';

export interface ProofOptions {
  /** The kernel to prove. */
  readonly kernelFolder: string;
  readonly seed: string;
  readonly kills: readonly Kill[];
  readonly load: Pick<LoadOptions, 'workersPerCamera' | 'restMs'>;
  /** Log time to run on behind the last record, ms. Zones forget a track after 120 s. */
  readonly behindLastRecordMs: number;
  /** Real time in which the kernel must have caught up after the load, ms. */
  readonly settleMs: number;
  /** Told of each kill. */
  onKill?(kill: Kill, index: number): void;
  /** The data folder; default: when there are problems. */
  readonly keep?: 'always' | 'never' | undefined;
}

export interface ProofReport {
  /** Empty: proven. */
  readonly problems: readonly string[];
  readonly kills: Readonly<Record<string, number>>;
  readonly batches: number;
  readonly duplicatesAnswered: number;
  readonly keysInLog: number;
  readonly zoneChanges: number;
  readonly fold: FoldSummary | null;
  readonly dataFolder: string;
}

/** The proof's clock runs this much faster than the world's. */
const speed = 16;

export async function runProof(options: ProofOptions): Promise<ProofReport> {
  const { seed, kills } = options;
  const dataFolder = mkdtempSync(join(tmpdir(), 'heldar-proof-'));
  const client = createPersistentClient();
  const clock = startProofClock(speed);
  const loop: KillLoopOptions = { ...options, dataFolder, clock, client, random: randomOf(seed, 'kills') };
  const problems: string[] = [];
  const note = (problem: string) => void problems.push(problem);

  seedCameras(dataFolder, cameras);
  addSteps(migrationsOf(dataFolder), 1);
  const editor = startZoneEditor({ client, seed, restMs: [50, 400] });
  const load = startLoad({ ...options.load, client, clock, seed });
  const finished = Promise.all([load.finished, editor.finished]);
  let kernel: KernelProcess;
  try {
    for (const [index, kill] of kills.entries()) {
      await killOnce(loop, kill);
      options.onKill?.(kill, index);
    }
    kernel = await startServing(loop);
    load.end();
    editor.end();
    await finished;
  } catch (error) {
    client.giveUp();
    await finished.catch(() => undefined);
    throw error;
  }
  const settled = await settle({
    url: client.url ?? '',
    dataFolder,
    clock,
    behindLastRecordMs: options.behindLastRecordMs,
    deadlineMs: options.settleMs,
  }).catch((error: unknown) => note(`the kernel: ${String(error)}`) ?? 0);
  await stopCleanly(loop, kernel);

  const keys = checkAcknowledgements(dataFolder, load.sent, editor.acknowledged);
  const { fold, differences } = await runFold(dataFolder, settled);
  problems.push(
    ...load.problems.map((problem) => `answer: ${problem}`),
    ...editor.problems.map((problem) => `answer: ${problem}`),
    ...keys.problems,
    ...differences.map((difference) => `fold: ${difference}`),
  );
  const isKept = options.keep === undefined ? problems.length > 0 : options.keep === 'always';
  if (!isKept) rmSync(dataFolder, { recursive: true });
  const killed: Record<string, number> = {};
  for (const { kind } of kills) killed[kind] = (killed[kind] ?? 0) + 1;
  return {
    problems,
    kills: killed,
    batches: load.sent.size,
    duplicatesAnswered: [...load.sent.values()].reduce((sum, { duplicates }) => sum + duplicates, 0),
    keysInLog: keys.keysInLog,
    zoneChanges: editor.acknowledged.names.length + editor.acknowledged.deleted.length,
    fold,
    dataFolder,
  };
}

/** The fold is a program of its own: it prints its summary as JSON, and a line for each difference on standard error. */
async function runFold(
  dataFolder: string,
  ticksUntil: number,
): Promise<{ fold: FoldSummary | null; differences: string[] }> {
  const program = fileURLToPath(new URL('fold.ts', import.meta.url));
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [program, dataFolder, String(ticksUntil)],
      { maxBuffer: 2 ** 28 },
      (error, out, err) => {
        const differences = err.split('\n').filter((line) => line !== '');
        if (error !== null && differences.length === 0) differences.push(error.message);
        resolve({
          fold: error !== null && out === '' ? null : (JSON.parse(out) as FoldSummary),
          differences,
        });
      },
    );
  });
}
