/** What would retention take next, and why? The same plans as the passes make, looked at instead of carried out. */
import { fairShares } from './fair-shares.ts';
import type { FactsSource } from './retention-facts.ts';
import type { RetentionLimits } from './retention-notices.ts';
import {
  planByAge,
  planByFloor,
  planByQuota,
  planBySize,
  type CameraFacts,
  type Disk,
  type Plan,
  type RetentionReason,
} from './retention-plan.ts';
import type { RootState } from './folder-identity.ts';
import { canDelete, type RetentionRoots } from './retention-roots.ts';

export interface RootReport {
  /** '' is the recordings folder. */
  readonly name: string;
  readonly state: RootState;
  /** Null: it can't be read. */
  readonly disk: Disk | null;
}

/** What one pass would take now, from the first of it. */
export interface NextReport extends Pick<Plan, 'victims' | 'bytes'> {
  readonly reason: RetentionReason;
  /** Whose floor it is; null for the other passes. */
  readonly root: string | null;
}

export interface CameraShare extends CameraFacts {
  /** Of the cap on all footage; null without a cap. */
  readonly shareBytes: number | null;
}

export interface RetentionForecast {
  readonly roots: readonly RootReport[];
  readonly cameras: readonly CameraShare[];
  readonly next: readonly NextReport[];
}

/** Segments shown of each pass. */
const shown = 20;

export async function forecastRetention(options: {
  facts: FactsSource;
  roots: RetentionRoots;
  limits: RetentionLimits;
  readDisk(folder: string): Promise<Disk>;
}): Promise<RetentionForecast> {
  const { facts, limits } = options;
  const roots = await Promise.all(
    options.roots.all.map(async ({ name, path }) => {
      const [state, disk] = await Promise.all([
        options.roots.check(name),
        options.readDisk(path).catch(() => null),
      ]);
      return { name, state, disk };
    }),
  );
  const present = roots.filter(({ state }) => canDelete(state)).map(({ name }) => name);
  const now = facts.read(present);
  const next: NextReport[] = [];
  const add = (reason: RetentionReason, root: string | null, { victims, bytes }: Plan) => {
    if (victims.length > 0) next.push({ reason, root, victims, bytes });
  };
  for (const { name, state, disk } of roots)
    if (canDelete(state) && disk !== null)
      add(
        'free_floor',
        name,
        planByFloor(facts.read([name], roots.length > 1), disk, limits.minFreeBytes, shown),
      );
  add('age', null, planByAge(now, shown));
  add('camera_quota', null, planByQuota(now, shown));
  add('size_cap', null, planBySize(now, limits.maxRecordingsBytes, shown));
  const cap = limits.maxRecordingsBytes;
  const shares = cap > 0 ? fairShares(cap, now.cameras) : null;
  return {
    roots,
    cameras: now.cameras.map((camera) => ({
      ...camera,
      shareBytes: shares?.get(camera.cameraId) ?? null,
    })),
    next,
  };
}
