/** The plugin that is examined: with its traffic, a store to begin with, and what an undisturbed run of it leaves behind. */
import { dirname } from 'node:path';
import { isPluginInstance, type PluginDefinition } from '@heldar/plugin-sdk';
import { findPackage, type PackageFile } from '../../config/resolve-module.ts';
import { HeldarError } from '../../errors.ts';
import { pathOf } from '../../runtime/stack-places.ts';
import type { SeenBatch } from '../batches.ts';
import type { Problem } from '../problems.ts';
import { openTestHost, type SeamedHost, type TestSeams } from '../open-test-host.ts';
import type { ParkedWork, TestHost } from '../test-host.ts';
import type { ImportedPlugin } from '../wrap-plugin.ts';
import { markCrashPoints } from './crash-points.ts';
import { differences, readOutcome, type Outcome } from './outcome.ts';
import { bareSite, prepareSite } from './prepared-site.ts';
import { noteRefusals, type Refusal } from './refusals.ts';
import type { Tier } from './tier.ts';
import { madeUpBatches } from './traffic.ts';

export interface ConformanceOptions {
  /** Options of the plugin; default: what the plugin was called with, or its own defaults. */
  readonly config?: object;
  /** What workers post; default: tracks across the picture of two cameras, of each task type it consumes. Each needs a frame id of its own. */
  readonly batches?: readonly SeenBatch[];
  /** Brings the site to where the batches mean something: draws a zone, for instance. */
  readonly prepare?: (host: TestHost) => Promise<void>;
  /** Other plugins it needs. */
  readonly others?: readonly ImportedPlugin[];
  /** What it has to reach; default gold. */
  readonly tier?: Tier;
  /** How many points it is killed at, spread over all there are; default 32. */
  readonly crashes?: number;
}

export interface Subject {
  readonly name: string;
  readonly definition: PluginDefinition;
  readonly entry: ImportedPlugin;
  readonly options: ConformanceOptions;
  readonly batches: readonly SeenBatch[];
  /** The package around the file that defines it. */
  readonly packageFile: PackageFile | null;
  /** A host on a copy of the prepared store. */
  open(seams?: TestSeams): Promise<SeamedHost>;
  /** One run that nothing disturbs, until it is stopped. */
  observed(): Promise<Observed>;
  /** What that run left. */
  undisturbed(): Promise<Outcome>;
  /** At which its consumers can be killed, in the order in which a run passes them. */
  points(): Promise<readonly string[]>;
}

export interface Observed {
  readonly outcome: Outcome;
  /** It has consumers, and they left nothing. */
  readonly isIdle: boolean;
  readonly problems: readonly Problem[];
  readonly parked: readonly ParkedWork[];
  readonly refusals: readonly Refusal[];
}

/** Time without traffic behind the last batch: ticks run, tracks are lost. */
export const quietTime = '3m';

export function createSubject(given: ImportedPlugin, options: ConformanceOptions): Subject {
  const entry = withConfig(given, options.config);
  const plugin = isPluginInstance(entry) ? entry.plugin : entry;
  const { definition } = plugin;
  const { name } = definition;
  const batches = once(() => checkedBatches(name, options.batches ?? madeUpBatches(definition)));
  const plugins = [...(options.others ?? []), entry];

  const prepared = once(async () => {
    const { prepare } = options;
    const cameras = [...new Set(batches().map(({ camera }) => camera))];
    return prepare === undefined ? bareSite(cameras) : prepareSite(plugins, cameras, prepare);
  });
  const open = async (seams: TestSeams = {}) => {
    const { folder, startAt } = await prepared();
    return openTestHost({ plugins, startAt }, { ...seams, from: folder });
  };
  const observed = once(async () => {
    const { refusals, ...seams } = noteRefusals(name);
    await using host = await open(seams);
    const before = readOutcome(host, name);
    await play(host, batches());
    const [outcome, parked] = [readOutcome(host, name), host.parked()];
    const { contributions } = host.kernel.plugins().find((plugged) => plugged.name === name) ?? {};
    const isIdle = (contributions?.consumers.length ?? 0) > 0 && differences(before, outcome).length === 0;
    await host.stop();
    return { outcome, isIdle, parked, refusals, problems: host.problems() };
  });
  return {
    name,
    definition,
    entry,
    options,
    get batches() {
      return batches();
    },
    packageFile: plugin.definedIn === null ? null : findPackage(pathOf(plugin.definedIn)),
    open,
    observed,
    undisturbed: async () => (await observed()).outcome,
    points: once(async () => {
      const passed = new Set<string>();
      const points = markCrashPoints((point) => {
        passed.add(point);
        return false;
      });
      try {
        await using host = await open(points);
        await play(host, batches());
        return [...passed];
      } finally {
        points.end();
      }
    }),
  };
}

/** The whole traffic and the time behind it. */
export async function play(host: TestHost, batches: readonly SeenBatch[]): Promise<void> {
  await host.tape(batches);
  await host.advance(quietTime);
}

/** @throws HeldarError `plugin_failed` telling what is not as it is without the disturbance. */
export async function expectUndisturbed(subject: Subject, host: SeamedHost, what: string): Promise<void> {
  const found = differences(await subject.undisturbed(), readOutcome(host, subject.name));
  if (found.length > 0) throw nonconforming(subject, `${what}\n${found.join('\n')}`);
}

export function nonconforming({ name }: Subject, text: string): HeldarError {
  return new HeldarError('plugin_failed', `${name}: ${text}`);
}

function withConfig(given: ImportedPlugin, config: object | undefined): ImportedPlugin {
  if (config === undefined) return given;
  return (isPluginInstance(given) ? given.plugin : given)(config);
}

function checkedBatches(plugin: string, batches: readonly SeenBatch[]): readonly SeenBatch[] {
  const names = batches.map(({ camera, frameId }) => (frameId === undefined ? null : `${camera} ${frameId}`));
  if (names.includes(null) || new Set(names).size < names.length)
    throw new HeldarError(
      'usage',
      `conformance(${plugin}): each batch needs a frame id of its own, since it is posted again after a crash; give it: { frameId: '…' }`,
    );
  return batches;
}

function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | null = null;
  return () => (made ??= { value: make() }).value;
}

/** Folder of its package; null without one. */
export function folderOf({ packageFile }: Subject): string | null {
  return packageFile === null ? null : dirname(packageFile.file);
}
