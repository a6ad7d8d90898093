/** One life of a plugin: from `setup` to the undoing of all that it returned. */
import type { Contributions, Health, Logger, PluginDefinition, Route } from '@heldar/plugin-sdk';
import type { DependencyContainer } from 'tsyringe';
import type { Clock } from '../clock.ts';
import type { Dispatcher } from '../detections/dispatcher.ts';
import { HeldarError, messageOf } from '../errors.ts';
import type { EventHandlers } from '../events/handlers.ts';
import type { MountedPlugin } from '../http/mounts.ts';
import { withDeadline } from '../runtime/deadline.ts';
import type { Watch } from '../runtime/watchdog.ts';
import type { Store } from '../store/store.ts';
import { checkContributions } from './contributions.ts';
import { createEventTypes } from './event-types.ts';
import type { PluginLimits } from './limits.ts';
import { maskedOptions } from './masked-options.ts';
import { callAs } from './named-calls.ts';
import { createPlugs, type Plugs } from './plugs.ts';
import { runAs } from './running-as.ts';
import { openScope, type PluginScope } from './scope.ts';
import type { Services } from './services.ts';
import type { TxOwner } from './tx.ts';

/** What a generation plugs into. */
export interface Sockets {
  readonly root: DependencyContainer;
  readonly store: Store;
  readonly clock: Clock;
  readonly watch: Watch;
  readonly dispatcher: Dispatcher;
  readonly handlers: EventHandlers;
  readonly services: Services;
  mountRoutes(owner: TxOwner, routes: readonly Route[]): MountedPlugin;
  /** @throws HeldarError `plugin_invalid` when `mountRoutes` would refuse them. */
  checkRoutes(owner: TxOwner, routes: readonly Route[]): void;
  /** Requests to the plugin wait until `release`. */
  holdRequests(plugin: string): { release(): void };
  siteOf(cameraId: string): string | null;
  /** Answers how to end it. */
  onCamerasChange?(listener: () => void): () => void;
  onJobFailed(plugin: string, job: string, error: unknown): void;
}

export interface GenerationSpec {
  readonly definition: PluginDefinition;
  /** Of its package; absent without one. */
  readonly version?: string;
  /** Checked options. */
  readonly config: unknown;
  /** Absolute paths that pre-flight has let through, as `GET /api/v1/…`. */
  readonly allowedRoutes: readonly string[];
  /** Of its package. */
  readonly folder: string | null;
  readonly limits: PluginLimits;
}

export interface Generation {
  readonly contributions: Summary;
  health(): Promise<Health>;
  readonly plugs: Plugs;
  /** Undoes everything; never rejects: what does not end cleanly is logged and does not keep the rest from being undone. */
  dispose(): Promise<void>;
}

/** What a plugin contributes, by name. */
export interface Summary {
  readonly routes: readonly string[];
  readonly consumers: readonly string[];
  readonly handlers: readonly string[];
  readonly jobs: readonly string[];
  readonly services: readonly string[];
}

/** Prepares a generation and plugs it in; when anything fails, what was plugged in is undone first. */
export async function startGeneration(sockets: Sockets, spec: GenerationSpec): Promise<Generation> {
  const generation = await prepareGeneration(sockets, spec);
  try {
    await generation.plugs.takeOver();
    await generation.plugs.takeWork();
    return generation;
  } catch (error) {
    await generation.dispose();
    throw error;
  }
}

/** Runs `setup` and checks all that it returns; nothing of it serves yet. What `setup` started is undone when anything fails. */
export async function prepareGeneration(sockets: Sockets, spec: GenerationSpec): Promise<Generation> {
  const { definition, version = '', config, folder, limits } = spec;
  const { name } = definition;
  const abort = new AbortController();
  const capabilities = definition.capabilities ?? [];
  const scope = openScope(sockets.root, { name, config, capabilities, folder }, abort.signal);
  const undo = createUndo(name, scope.log);
  undo.add('context', () => scope.dispose());
  try {
    const returned = await runSetup(sockets.watch, spec, scope);
    // First of all: what setup started is undone also when something that it returned is refused.
    const { dispose } = callAs(sockets.watch, name, disposeOf(returned));
    if (dispose !== undefined)
      undo.add('dispose', () => withDeadline(called(dispose), limits.disposeMs, 'did not end'));
    undo.add('signal', () => abort.abort(new Error(`${name} is disposed`)));
    const contributions = callAs(sockets.watch, name, checkContributions(definition, returned));
    checkPaths(name, contributions.routes ?? [], spec.allowedRoutes);
    const owner = ownerOf(definition, sockets);
    const facts = { version, config: maskedOptions(definition, config) };
    const plugs = createPlugs(sockets, { definition, owner, facts, contributions, drainMs: limits.drainMs });
    plugs.check();
    undo.add('calls under way', () => plugs.leave());
    return {
      contributions: summarise(contributions),
      health: async () =>
        (await withDeadline(
          called(contributions.health),
          limits.healthMs,
          `${name}: health did not answer within ${limits.healthMs} ms`,
        )) ?? { ok: true },
      plugs,
      dispose: () => undo.run(),
    };
  } catch (error) {
    abort.abort(error);
    await undo.run();
    throw error;
  }
}

async function runSetup(
  watch: Watch,
  { definition, limits }: GenerationSpec,
  scope: PluginScope,
): Promise<unknown> {
  const { name } = definition;
  const leave = watch.enter(`${name} setup`);
  let running: ReturnType<PluginDefinition['setup']>;
  try {
    running = runAs(name, () => definition.setup(scope.context as never));
  } finally {
    leave();
  }
  const tooLate = `did not finish within ${limits.setupMs} ms`;
  let isLate = false;
  // What a late one has started is undone when it comes back after all.
  void Promise.resolve(running).then(
    (returned) => (isLate ? runAs(name, () => returned.dispose?.()) : undefined),
    () => undefined,
  );
  try {
    return await withDeadline(Promise.resolve(running), limits.setupMs, tooLate);
  } catch (error) {
    isLate = true;
    if ((error as Error).message !== tooLate) throw error;
    throw new HeldarError('plugin_failed', `${name}: setup ${tooLate}`, {
      details: {
        next: 'return the contributions at once; what takes long belongs into a job, or goes on unawaited',
      },
    });
  }
}

/** Of what nobody has checked yet. */
function disposeOf(returned: unknown): Pick<Contributions, 'dispose'> {
  const contributions = returned as Pick<Contributions, 'dispose'> | null | undefined;
  return typeof contributions?.dispose === 'function' ? { dispose: () => contributions.dispose?.() } : {};
}

/** The result of calling it, or the rejection; undefined when there is nothing to call. */
async function called<Result>(
  run: (() => Result | Promise<Result>) | undefined,
): Promise<Result | undefined> {
  return run?.();
}

function ownerOf(definition: PluginDefinition, sockets: Sockets): TxOwner {
  const { name, emits = {}, records = {} } = definition;
  return {
    plugin: name,
    events: createEventTypes(name, emits),
    recordTypes: new Set(Object.keys(records)),
    records,
    siteOf: (cameraId) => sockets.siteOf(cameraId),
  };
}

interface Undo {
  add(what: string, step: () => void | Promise<void>): void;
  /** In reverse, once. */
  run(): Promise<void>;
}

function createUndo(plugin: string, log: Logger): Undo {
  const steps: { what: string; step: () => void | Promise<void> }[] = [];
  let running: Promise<void> | null = null;
  const runAll = async () => {
    for (const { what, step } of steps.reverse())
      try {
        await step();
      } catch (error) {
        log.error({ step: what, reason: messageOf(error) }, `${plugin} was not undone cleanly`);
      }
  };
  return {
    add: (what, step) => void steps.push({ what, step }),
    run: () => (running ??= runAll()),
  };
}

/** Absolute paths must stand in the plugin's package.json, where pre-flight has checked them. */
function checkPaths(plugin: string, routes: readonly Route[], allowed: readonly string[]): void {
  const known = new Set(allowed);
  for (const { method, path } of routes)
    if (path.startsWith('/api/') && !known.has(`${method} ${path}`))
      throw new HeldarError(
        'plugin_invalid',
        `${plugin}: the route ${method} ${path} is absolute but not declared`,
        {
          details: {
            next: `write a path below /api/v1/plugins/${plugin} such as '/list', or list it under heldar.routes in package.json`,
          },
        },
      );
}

function summarise(contributions: Contributions): Summary {
  return {
    routes: (contributions.routes ?? []).map(({ method, path }) => `${method} ${path}`),
    consumers: (contributions.consumers ?? []).map(({ name }) => name),
    handlers: (contributions.handlers ?? []).map(({ name }) => name),
    jobs: (contributions.jobs ?? []).map(({ name }) => name),
    services: Object.keys(contributions.services ?? {}),
  };
}
