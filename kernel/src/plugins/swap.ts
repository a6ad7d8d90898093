/** One plugin's change of generation: the new one is ready before the old one goes, and when anything fails the old one serves on. */
import { messageOf } from '../errors.ts';
import { failureOf, type PluginFailure } from './failure.ts';
import { prepareGeneration, type Generation, type Sockets } from './generation.ts';
import type { PluginLimits } from './limits.ts';
import {
  changeSnapshotOf,
  migratePlugin,
  migrationFailure,
  migrationOwnerOf,
  needsMigration,
  type RunExclusive,
  type SchemaOptions,
} from './schema-change.ts';
import { viewOf, type Slot } from './slot.ts';

export interface SwapParts {
  readonly sockets: Sockets;
  readonly limits: PluginLimits;
  readonly schema: SchemaOptions;
  /** Told of what went wrong behind the change: the old one did not end cleanly. */
  onUnclean(plugin: string, problem: string): void;
}

export interface Swapped {
  readonly generation: Generation;
  /** Resolves once the old generation is gone: its calls under way have ended, or their time is up. */
  readonly drained: Promise<void>;
}

/** `next` is loaded and checked, and nothing of it runs. Without `old` this is a start. @throws SwapFailed; then `old` serves as before, unless it says otherwise. */
export async function swapGeneration(parts: SwapParts, next: Slot, old: Generation | null): Promise<Swapped> {
  const owner = migrationOwnerOf(next, parts.schema.cwd);
  let changesTables: boolean;
  try {
    changesTables = needsMigration(parts.sockets.store.reader, owner);
  } catch (error) {
    throw new SwapFailed(migrationFailure(error, owner?.folder ?? parts.schema.cwd));
  }
  return changesTables ? await swapWithTables(parts, next, old) : await swapAtOnce(parts, next, old);
}

export class SwapFailed extends Error {
  readonly failure: PluginFailure;
  /** The old generation can't serve either. */
  readonly lost: boolean;

  constructor(why: PluginFailure, lost = false) {
    super(why.reason);
    this.name = 'SwapFailed';
    this.failure = why;
    this.lost = lost;
  }
}

/** The tables stay: both generations may be there at once, and nothing waits. */
async function swapAtOnce(parts: SwapParts, next: Slot, old: Generation | null): Promise<Swapped> {
  const generation = await ready(parts, next);
  try {
    await together([
      generation.plugs.takeOver(),
      unclean(parts, next.name, old?.plugs.endWork()).then(() => generation.plugs.takeWork()),
    ]);
  } catch (error) {
    const why = failedAt('start', error, next);
    await unclean(parts, next.name, generation.plugs.endWork());
    try {
      // First the old one, so that no request finds neither.
      if (old !== null) await serveAgain(parts, next.name, old, why);
    } finally {
      await generation.dispose();
    }
    throw why;
  }
  return { generation, drained: old === null ? Promise.resolve() : old.dispose() };
}

/** The tables change: the old generation pauses, its requests wait, and a copy of its part of the store is there to go back to. */
async function swapWithTables(parts: SwapParts, next: Slot, old: Generation | null): Promise<Swapped> {
  const { sockets, schema } = parts;
  const { name } = next;
  const run: RunExclusive = (operation, args) => sockets.store.committer.exclusive(operation, args);
  const file = changeSnapshotOf(schema.snapshots, name);
  const held = sockets.holdRequests(name);
  let generation: Generation | null = null;
  let copied = false;
  try {
    try {
      await old?.plugs.pause();
    } catch (error) {
      throw failedAt('migrations', error, next, 'its tables can change only while it is idle; try again');
    }
    await run('plugin.snapshot', { plugin: name, file });
    copied = true;
    const why = await migratePlugin(run, next, schema, file);
    if (why !== null) throw new SwapFailed(why);
    generation = await ready(parts, next);
    await generation.plugs.takeOver();
    await generation.plugs.takeWork();
  } catch (error) {
    await generation?.dispose();
    const why = error instanceof SwapFailed ? error : failedAt('start', error, next);
    if (copied) await putBack(run, name, file, why);
    if (old !== null) await serveAgain(parts, name, old, why);
    throw why;
  } finally {
    held.release();
  }
  await unclean(parts, name, run('plugin.forget-snapshot', { file }));
  return { generation, drained: old === null ? Promise.resolve() : old.dispose() };
}

async function putBack(run: RunExclusive, plugin: string, file: string, why: SwapFailed): Promise<void> {
  try {
    await run('plugin.restore', { plugin, file });
  } catch (error) {
    throw new SwapFailed(
      {
        ...why.failure,
        reason: `${why.failure.reason}\nand its tables could not be put back: ${messageOf(error)}`,
        next: `stop the kernel and put ${file} back by hand, or restore a backup`,
      },
      true,
    );
  }
}

/** Set up and healthy. */
async function ready({ sockets, limits }: SwapParts, next: Slot): Promise<Generation> {
  const { definition, manifest, options, name } = next;
  if (definition === null) throw new Error(`${name} is not loaded`);
  const folder = manifest?.folder ?? null;
  let generation: Generation;
  try {
    const allowedRoutes = manifest?.routes ?? [];
    generation = await prepareGeneration(sockets, {
      definition,
      version: viewOf(next).version,
      config: options,
      allowedRoutes,
      folder,
      limits,
    });
  } catch (error) {
    throw failedAt('setup', error, next);
  }
  try {
    const health = await generation.health();
    if (!health.ok) throw new Error(`it says it is not healthy: ${health.detail}`);
    return generation;
  } catch (error) {
    await generation.dispose();
    throw failedAt('health', error, next, 'mend what its health() tells of');
  }
}

/** @throws SwapFailed that says that nothing serves when it can't. */
async function serveAgain(parts: SwapParts, plugin: string, old: Generation, why: SwapFailed): Promise<void> {
  try {
    await old.plugs.takeOver();
    await unclean(parts, plugin, old.plugs.endWork());
    await old.plugs.takeWork();
  } catch (error) {
    const reason = `${why.failure.reason}\nand the generation before could not go on: ${messageOf(error)}`;
    throw new SwapFailed({ ...why.failure, reason }, true);
  }
}

/** Resolves when all of them have: what they write becomes durable in one commit. Rejects, with the first that did, only when all have ended. */
async function together(steps: readonly Promise<void>[]): Promise<void> {
  const ends = await Promise.allSettled(steps);
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

async function unclean(parts: SwapParts, plugin: string, ending?: Promise<unknown>): Promise<void> {
  try {
    await ending;
  } catch (error) {
    parts.onUnclean(plugin, messageOf(error));
  }
}

function failedAt(
  stage: PluginFailure['stage'],
  error: unknown,
  { manifest }: Slot,
  step: string | null = null,
): SwapFailed {
  return new SwapFailed(failureOf(stage, error, step, manifest?.folder ?? null));
}
