/** What the host knows of one plugin of the composition, from its first reading to its end. */
import type { Isolation, PluginDefinition } from '@heldar/plugin-sdk';
import type { ResolvedPluginEntry } from '../config/resolve-plugins.ts';
import type { PluginFailure } from './failure.ts';
import type { Generation, Summary } from './generation.ts';
import type { Keeper, KeeperStats } from './isolation/keeper.ts';
import type { Manifest } from './manifest.ts';

export type PluginState = 'waiting' | 'running' | 'failed' | 'disabled' | 'quarantined' | 'stopped';

/** Errors of a plugin's code that nobody caught: a promise it forgot, a timer that threw. */
export interface PluginFaults {
  readonly count: number;
  readonly last: { readonly reason: string; readonly place: string | null; readonly at: number } | null;
}

export interface HostedPlugin {
  readonly name: string;
  readonly state: PluginState;
  /** Of its package; empty without one. */
  readonly version: string;
  readonly required: boolean;
  readonly specifier: string | null;
  /** What the composition says; null for one that it switches off. */
  readonly entry: ResolvedPluginEntry | null;
  readonly manifest: Manifest | null;
  readonly definition: PluginDefinition | null;
  readonly options: unknown;
  readonly contributions: Summary | null;
  readonly failure: PluginFailure | null;
  /** Why its last change was refused, while what ran before serves on. */
  readonly refusedChange: PluginFailure | null;
  /** How many generations of it have served; 0: none yet. */
  readonly generation: number;
  readonly faults: PluginFaults;
  /** Where its code runs. */
  readonly isolation: Isolation;
  /** Of its isolate; null inline. */
  readonly isolate: KeeperStats | null;
}

export interface Slot {
  /** What it runs with. */
  entry: ResolvedPluginEntry;
  /** What the composition says since, as long as that could not be taken over. */
  wanted: ResolvedPluginEntry | null;
  /** What the module or its package says; until one does, the specifier. */
  name: string;
  state: PluginState;
  manifest: Manifest | null;
  definition: PluginDefinition | null;
  options: unknown;
  failure: PluginFailure | null;
  refusedChange: PluginFailure | null;
  generation: Generation | null;
  generations: number;
  faults: PluginFaults;
  /** Null until its package has been read. */
  tier: Isolation | null;
  isolate: Keeper | null;
}

export const noFaults: PluginFaults = { count: 0, last: null };

export function newSlot(entry: ResolvedPluginEntry, index: number): Slot {
  return {
    entry,
    name: entry.name ?? entry.source.specifier ?? `plugin ${index + 1}`,
    state: 'waiting',
    wanted: null,
    manifest: null,
    definition: null,
    options: undefined,
    failure: null,
    refusedChange: null,
    generation: null,
    generations: 0,
    faults: noFaults,
    tier: null,
    isolate: null,
  };
}

export function viewOf(slot: Slot): HostedPlugin {
  return {
    name: slot.name,
    state: slot.state,
    version: slot.manifest === null || slot.manifest.folder === null ? '' : slot.manifest.version,
    required: slot.entry.options.required ?? false,
    specifier: slot.entry.source.specifier,
    entry: slot.entry,
    manifest: slot.manifest,
    definition: slot.definition,
    options: slot.options,
    contributions: slot.generation?.contributions ?? null,
    failure: slot.failure,
    refusedChange: slot.refusedChange,
    generation: slot.generations,
    faults: slot.faults,
    isolation: slot.tier ?? 'inline',
    isolate: slot.isolate?.stats() ?? null,
  };
}

/** One that the composition switches off: nothing of it is read. */
export function viewOfDisabled(name: string): HostedPlugin {
  return {
    name,
    state: 'disabled',
    version: '',
    required: false,
    specifier: null,
    entry: null,
    manifest: null,
    definition: null,
    options: undefined,
    contributions: null,
    failure: null,
    refusedChange: null,
    generation: 0,
    faults: noFaults,
    isolation: 'inline',
    isolate: null,
  };
}
