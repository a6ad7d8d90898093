/** What do kills cost, and is everything in order after them? */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../exactly-once/random.ts';
import { childrenOf } from '../media-rig.ts';
import { until } from '../until.ts';
import { inventoryProblems } from './inventory.ts';
import { startProofSite, zombiesOf, type ProofSite } from './site.ts';
import type { SourceName } from './sources.ts';
import type { Loss, WatchedCamera } from './watched-camera.ts';

export interface ProofOptions {
  readonly cameras: readonly SourceName[];
  readonly kills: readonly ('ffmpeg' | 'kernel')[];
  readonly segmentSeconds: number;
  readonly random: Random;
  onKill?(what: string): void;
  onLoss?(loss: MeasuredLoss): void;
}

export interface MeasuredLoss extends Loss {
  readonly killed: 'ffmpeg' | 'kernel';
  readonly camera: SourceName;
}

export interface FootageReport {
  readonly losses: readonly MeasuredLoss[];
  readonly rows: number;
  readonly problems: readonly string[];
}

/** The last picture that can be decoded may be this much older than the last one that was sent, s. */
export const tailLimitSeconds = 1;
/** Descriptors come and go with requests and files; a leak grows with the kills. */
const descriptorSlack = 8;

export async function runFootageProof(options: ProofOptions): Promise<FootageReport> {
  const { random } = options;
  await using site = await startProofSite(options.cameras, options.segmentSeconds);
  const losses: MeasuredLoss[] = [];
  const problems: string[] = [];
  let descriptors = await site.openDescriptors();
  let startedAt = 0;
  for (const killed of options.kills) {
    await site.recorded(site.cameras, startedAt);
    await sleep(random.whole(0, 3000));
    const struck = killed === 'kernel' ? site.cameras : [random.oneOf(site.cameras)];
    options.onKill?.(`${killed} of ${struck.map(({ name }) => name).join(', ')}`);
    const open = await site.openDescriptors();
    if (open > descriptors + descriptorSlack)
      problems.push(`the kernel has ${open} descriptors open, ${descriptors} at its start`);
    const { at, cost } = await kill(site, killed, struck);
    for (const loss of cost) options.onLoss?.(loss);
    losses.push(...cost);
    if (killed === 'kernel') {
      await site.recorded(site.cameras, at);
      descriptors = await site.openDescriptors();
    }
    startedAt = at;
  }
  await site.recorded(site.cameras, startedAt);
  for (const { killed, camera, tailSeconds } of losses)
    if (tailSeconds > tailLimitSeconds)
      problems.push(`${killed} of ${camera}: the last ${tailSeconds.toFixed(2)} s are lost`);
  const zombies = await zombiesOf(site.heldar.pid);
  if (zombies.length > 0) problems.push(`${zombies.length} children were not collected`);
  const processes = await mediaProcesses(site);
  if (processes.length > site.cameras.length)
    problems.push(`${processes.length} media processes for ${site.cameras.length} cameras`);
  await site.heldar.stop();
  await until('the end of the media processes', async () => (await mediaProcesses(site)).length === 0);
  const inventory = await inventoryProblems(site);
  return { losses, rows: inventory.rows, problems: [...problems, ...inventory.problems] };
}

/** Answers when, wall clock, ms, and what it has cost, once all is recorded again. */
async function kill(
  site: ProofSite,
  killed: 'ffmpeg' | 'kernel',
  struck: readonly WatchedCamera[],
): Promise<{ at: number; cost: MeasuredLoss[] }> {
  const pids = killed === 'kernel' ? [site.heldar.pid] : await recorderPids(site, struck);
  // Between the look and the kill nothing of this process runs.
  const moments = struck.map((camera) => camera.look());
  for (const pid of pids) process.kill(pid, 'SIGKILL');
  const at = Date.now();
  // What the fault was, the next recording has to meet anew.
  for (const { camera } of struck) await camera.order('recover');
  if (killed === 'kernel') {
    await site.heldar.kill();
    await site.start();
  }
  await site.recorded(struck, at);
  const measured = struck.map(async (camera, index): Promise<MeasuredLoss[]> => {
    const moment = moments[index];
    const loss = moment === undefined ? null : await camera.measure(moment);
    return loss === null ? [] : [{ ...loss, killed, camera: camera.name }];
  });
  return { at, cost: (await Promise.all(measured)).flat() };
}

function recorderPids(site: ProofSite, cameras: readonly WatchedCamera[]): Promise<number[]> {
  return Promise.all(cameras.map(({ name }) => site.recorderPid(name)));
}

/** As the kernel marks them. */
function mediaProcesses({ folder }: ProofSite): Promise<number[]> {
  const marker = createHash('sha256').update(folder.file('data')).digest('hex').slice(0, 16);
  return childrenOf(marker);
}
