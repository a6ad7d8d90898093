/** Which samplers run, and how fast, within the budget of pictures a second? */
import type { StreamProfile } from '../cameras/stream-url.ts';

export interface SamplingTask {
  readonly cameraId: string;
  readonly streamProfile: StreamProfile;
  readonly fps: number;
  readonly width: number;
}

export interface PlannedSampler {
  readonly cameraId: string;
  readonly profile: StreamProfile;
  /** Granted pictures a second; 0: the budget does not reach this far. */
  readonly fps: number;
  readonly width: number;
}

/** Slower makes no sense to share: rather some samplers do not run. A task that asks for less gets what it asks for. */
const slowestShare = 0.5;
const leastBudget = 1;

/**
 * One sampler a camera and profile, with the highest rate and width its tasks ask for. The budget is shared by demand: nobody
 * gets more than asked, and what one leaves goes to the others. In order of camera and profile, those for whom not even the
 * slowest share is left do not run.
 */
export function planSamplers(tasks: readonly SamplingTask[], maxTotalFps: number): PlannedSampler[] {
  const demands = mergeDemands(tasks);
  const budget = Math.max(leastBudget, maxTotalFps);
  const running: PlannedSampler[] = [];
  const left: PlannedSampler[] = [];
  let reserved = 0;
  for (const demand of demands) {
    const least = Math.min(demand.fps, slowestShare);
    if (reserved + least > budget + 1e-9) left.push({ ...demand, fps: 0 });
    else {
      reserved += least;
      running.push(demand);
    }
  }
  const level = waterLevel(
    running.map(({ fps }) => fps),
    budget,
  );
  const granted = running.map((demand) => ({ ...demand, fps: roundedDown(Math.min(demand.fps, level)) }));
  return [...granted, ...left].sort(byCameraAndProfile);
}

function mergeDemands(tasks: readonly SamplingTask[]): PlannedSampler[] {
  const demands = new Map<string, PlannedSampler>();
  for (const { cameraId, streamProfile, fps, width } of tasks) {
    const key = samplerKey(cameraId, streamProfile);
    const known = demands.get(key);
    demands.set(key, {
      cameraId,
      profile: streamProfile,
      fps: Math.max(fps, known?.fps ?? 0),
      width: Math.max(width, known?.width ?? 0),
    });
  }
  return [...demands.values()].sort(byCameraAndProfile);
}

/** The rate at which all that ask for more are cut, so that the sum just fits. */
function waterLevel(asked: readonly number[], budget: number): number {
  let left = budget;
  const ascending = [...asked].sort((a, b) => a - b);
  for (const [index, fps] of ascending.entries()) {
    const share = left / (ascending.length - index);
    if (fps >= share) return share;
    left -= fps;
  }
  return Number.POSITIVE_INFINITY;
}

/** Three digits, never above the share. */
function roundedDown(fps: number): number {
  return Math.max(0.001, Math.floor(fps * 1000 + 1e-6) / 1000);
}

export function samplerKey(cameraId: string, profile: StreamProfile): string {
  return `${cameraId}/${profile}`;
}

function byCameraAndProfile(a: PlannedSampler, b: PlannedSampler): number {
  if (a.cameraId !== b.cameraId) return a.cameraId < b.cameraId ? -1 : 1;
  return a.profile < b.profile ? -1 : Number(a.profile > b.profile);
}
