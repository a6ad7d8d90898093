/** Changes of a running site, one after the other: a plugin's code or options anew, one more plugin, one less. */
import type { Isolation } from '@heldar/plugin-sdk';
import type { ResolvedPluginEntry } from '../config/resolve-plugins.ts';
import { HeldarError } from '../errors.ts';
import { failure, type PluginFailure } from './failure.ts';
import { refuseUnreloadable } from './module-loader.ts';
import type { Slot } from './slot.ts';
import { stopPlugins } from './stop-plugins.ts';
import { SwapFailed, swapGeneration, type SwapParts } from './swap.ts';

/** What to do with one plugin. `put`: run it as the entry and the files say now, in place of what runs. */
export type PluginChange =
  | { readonly kind: 'put'; readonly entry: ResolvedPluginEntry }
  | { readonly kind: 'reload' | 'enable' | 'disable' | 'remove'; readonly name: string }
  /** Behind another wall, as it runs now; nothing when it does not run. */
  | { readonly kind: 'move'; readonly name: string; readonly tier: Isolation }
  /** Stops it also where others require it. */
  | { readonly kind: 'quarantine'; readonly name: string; readonly why: PluginFailure };

export interface ChangeOutcome {
  readonly plugin: string;
  /** `refused`: what served before serves on; `failed`: nothing does. */
  readonly did: 'started' | 'swapped' | 'stopped' | 'nothing' | 'refused' | 'failed';
  /** Of `refused` and `failed`. */
  readonly failure: PluginFailure | null;
  /** Until it was live, ms. */
  readonly tookMs: number;
  /** Resolves once the old generation is gone. */
  readonly drained: Promise<void>;
}

export interface Changes {
  /** Behind those asked for before. @throws HeldarError `not_found` or `conflict` when the change is not possible at all. */
  apply(change: PluginChange): Promise<ChangeOutcome>;
  /** Resolves when all that was asked for is done; later ones are refused. */
  close(): Promise<void>;
}

const nothingLeft = Promise.resolve();

export function createChanges(options: {
  slots: Slot[];
  parts: SwapParts;
  monotonic(): number;
  /** Reads, imports and checks it beside those that run. */
  load(entry: ResolvedPluginEntry, others: readonly Slot[]): Promise<Slot>;
  /** Names that the composition switches off. */
  isSwitchedOff(name: string): boolean;
  onRefused(slot: Slot, why: PluginFailure): void;
}): Changes {
  const { slots, parts } = options;
  /** What is left of older generations, by plugin. */
  const draining = new Map<string, Promise<void>>();
  let last: Promise<unknown> = Promise.resolve();
  let closed = false;

  const find = (name: string): Slot => {
    const slot = slots.find((one) => one.name === name);
    if (slot !== undefined) return slot;
    if (options.isSwitchedOff(name))
      throw new HeldarError(
        'conflict',
        `the composition switches ${name} off; take it out of 'disable' and start again`,
      );
    throw new HeldarError('not_found', `there is no plugin ${name} here; heldar list names them`);
  };

  const put = async (entry: ResolvedPluginEntry, known: Slot | null): Promise<ChangeOutcome> => {
    const began = options.monotonic();
    const others = slots.filter((slot) => slot !== known);
    const next = await options.load(entry, others);
    const named = slots.find(({ name }) => name === next.name) ?? null;
    const current = known ?? named;
    await draining.get(next.name);
    if (next.state === 'disabled') return switchOff(current, next);
    if (next.state === 'waiting') next.failure = named === current ? missingOf(next, slots) : secondOf(next);
    const old = current?.generation ?? null;
    try {
      if (next.failure !== null) throw new SwapFailed(next.failure);
      const { generation, drained } = await swapGeneration(parts, next, old);
      next.generation = generation;
      next.state = 'running';
      next.generations = (current?.generations ?? 0) + 1;
      replace(current, next);
      const tookMs = options.monotonic() - began;
      const gone = drained.finally(() => draining.delete(next.name));
      draining.set(next.name, gone);
      return {
        plugin: next.name,
        did: old === null ? 'started' : 'swapped',
        failure: null,
        tookMs,
        drained: gone,
      };
    } catch (error) {
      const failed = error instanceof SwapFailed ? error : new SwapFailed(failure('start', error, null));
      return await refuse(current, next, failed, options.monotonic() - began);
    }
  };

  /** Only its module told the name by which the composition switches it off. */
  const switchOff = async (current: Slot | null, next: Slot): Promise<ChangeOutcome> => {
    await next.isolate?.stop();
    if (current !== null) return stop(current, 'disabled');
    replace(current, next);
    return nothingDone(next);
  };

  const refuse = async (
    current: Slot | null,
    next: Slot,
    { failure: reason, lost }: SwapFailed,
    tookMs: number,
  ): Promise<ChangeOutcome> => {
    const why = forChange(reason);
    const serves = current !== null && current.generation !== null && !lost;
    if (serves) current.refusedChange = why;
    else {
      if (current !== null) await stopPlugins([current]);
      next.state = next.state === 'disabled' || next.state === 'quarantined' ? next.state : 'failed';
      next.failure = why;
      next.generations = current?.generations ?? 0;
      replace(current, next);
    }
    await next.isolate?.stop();
    options.onRefused(serves ? current : next, why);
    return {
      plugin: serves ? current.name : next.name,
      did: serves ? 'refused' : 'failed',
      failure: why,
      tookMs,
      drained: nothingLeft,
    };
  };

  const replace = (current: Slot | null, next: Slot) => {
    if (current === null) slots.push(next);
    else slots.splice(slots.indexOf(current), 1, next);
  };

  const stop = async (slot: Slot, state: 'disabled' | null): Promise<ChangeOutcome> => {
    const began = options.monotonic();
    const needing = slots.find(
      (other) => other.generation !== null && Object.hasOwn(other.manifest?.requires ?? {}, slot.name),
    );
    if (needing !== undefined)
      throw new HeldarError(
        'conflict',
        `${needing.name} requires ${slot.name}; stop it first: heldar plugin disable ${needing.name}`,
      );
    const ran = slot.generation !== null;
    await draining.get(slot.name);
    await stopPlugins([slot]);
    if (state === null) slots.splice(slots.indexOf(slot), 1);
    else {
      slot.state = state;
      slot.failure = null;
      slot.refusedChange = null;
    }
    return {
      plugin: slot.name,
      did: ran ? 'stopped' : 'nothing',
      failure: null,
      tookMs: options.monotonic() - began,
      drained: nothingLeft,
    };
  };

  const keepOut = async (slot: Slot, why: PluginFailure): Promise<ChangeOutcome> => {
    const began = options.monotonic();
    await draining.get(slot.name);
    await stopPlugins([slot]);
    slot.state = 'quarantined';
    slot.failure = why;
    const tookMs = options.monotonic() - began;
    return { plugin: slot.name, did: 'stopped', failure: null, tookMs, drained: nothingLeft };
  };

  const run = async (change: PluginChange): Promise<ChangeOutcome> => {
    if (change.kind === 'put') {
      const { name, source } = change.entry;
      // A file whose plugin is known by name only once it is loaded is still the one that runs.
      const isIt = (slot: Slot) =>
        name === null ? source.file !== null && slot.entry.source.file === source.file : slot.name === name;
      const outcome = await put(change.entry, slots.find(isIt) ?? null);
      // What the composition says counts for the next reload, also when it could not be taken over yet.
      const serving =
        outcome.did === 'refused' ? slots.find(({ name: one }) => one === outcome.plugin) : undefined;
      if (serving !== undefined) serving.wanted = change.entry;
      return outcome;
    }
    const slot = find(change.name);
    switch (change.kind) {
      case 'reload':
        refuseUnreloadable(slot.name, slot.entry.source);
        return put(asOfNow(slot), slot);
      case 'enable':
        return slot.state === 'running' ? nothingDone(slot) : put(asOfNow(slot), slot);
      case 'disable':
        return stop(slot, 'disabled');
      case 'remove':
        return stop(slot, null);
      case 'move':
        if (slot.state !== 'running') return nothingDone(slot);
        return put({ ...slot.entry, options: { ...slot.entry.options, isolation: change.tier } }, slot);
      case 'quarantine':
        return keepOut(slot, change.why);
    }
  };

  return {
    apply(change) {
      if (closed) return Promise.reject(new HeldarError('unavailable', 'the kernel is stopping'));
      const done = last.then(() => run(change));
      last = done.catch(() => undefined);
      return done;
    },
    async close() {
      closed = true;
      await last;
      await Promise.all(draining.values());
    },
  };
}

function nothingDone({ name }: Slot): ChangeOutcome {
  return { plugin: name, did: 'nothing', failure: null, tookMs: 0, drained: nothingLeft };
}

function asOfNow({ entry, wanted }: Slot): ResolvedPluginEntry {
  const latest = wanted ?? entry;
  return { ...latest, source: latest.source.again() };
}

/** What is to be done says how a start goes on; here it is a reload. */
function forChange(why: PluginFailure): PluginFailure {
  return { ...why, next: why.next.replace(/, then start again\b/, ', then reload it') };
}

/** Two entries that name one plugin: which is meant, only their author knows. */
function secondOf({ name }: Slot): PluginFailure {
  return failure(
    'pre-flight',
    `another entry of the composition runs the plugin '${name}'`,
    'remove one, or give it another name',
  );
}

/** Another plugin that it requires and that does not run. */
export function missingOf(slot: Slot, slots: readonly Slot[]): PluginFailure | null {
  const broken = Object.keys(slot.manifest?.requires ?? {})
    .map((need) => slots.find(({ name }) => name === need))
    .find((other) => other?.state !== 'running');
  if (broken === undefined) return null;
  const reason = broken.failure?.reason ?? broken.state;
  return failure(
    'start',
    `it requires ${broken.name}, which does not run: ${reason}`,
    `mend ${broken.name} first`,
  );
}
