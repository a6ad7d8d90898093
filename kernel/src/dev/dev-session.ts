/** Development: the kernel runs, and every save becomes a change of what runs. */
import { dirname, join, resolve, sep } from 'node:path';
import { systemClock } from '../clock.ts';
import { databaseFileOf } from '../config/database-url.ts';
import { loadConfig, type ResolvedConfig } from '../config/load-config.ts';
import { messageOf } from '../errors.ts';
import { createKernel, type Kernel } from '../kernel.ts';
import type { ChangeOutcome, PluginChange } from '../plugins/changes.ts';
import type { PluginLimits } from '../plugins/limits.ts';
import { realFolder } from '../runtime/stack-places.ts';
import { findAffected, type WatchedPlugin } from './affected.ts';
import { diffCompositions } from './composition-diff.ts';
import { openRecorded } from '../store/recorded-queries.ts';
import { createSaveReplay } from './replay-on-save.ts';
import { reportLine } from './report.ts';
import { createDevLoader } from './vite-loader.ts';
import { watchFiles, type FileWatch } from './watch-files.ts';

export interface DevOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly file?: string;
  readonly blockLimitMs?: number | null;
  readonly pluginLimits?: Partial<PluginLimits>;
  /** On every save of a plugin, what it changes in what the last so many ms of the log would have given. */
  readonly replayMs?: number;
  /** A line for the developer. */
  print(line: string): void;
  /** Something was saved that only a new start takes in. */
  onRestartNeeded(file: string): void;
}

export interface DevSession {
  readonly kernel: Kernel;
  /** Resolves when what was saved up to now is live or refused. */
  settled(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the kernel, then watches. @throws HeldarError as `kernel.start` does. */
export async function startDevSession(options: DevOptions): Promise<DevSession> {
  const { cwd, env, print } = options;
  const read = (fresh: number) =>
    loadConfig({
      cwd,
      env,
      fresh,
      defaultEnvironment: 'development',
      ...(options.file === undefined ? {} : { file: options.file }),
    });
  let config = await read(0);
  const { dataDir } = config.settings;
  const loader = await createDevLoader(cwd, join(dataDir, '.vite'));
  const kernel = createKernel({
    cwd,
    env,
    loader,
    environment: config.environment,
    ...(options.file === undefined ? {} : { config: options.file }),
    ...(options.blockLimitMs === undefined ? {} : { blockLimitMs: options.blockLimitMs }),
    ...(options.pluginLimits === undefined ? {} : { pluginLimits: options.pluginLimits }),
  });
  const replay =
    options.replayMs === undefined
      ? null
      : createSaveReplay({
          cwd,
          lastMs: options.replayMs,
          openRecorded: () => openRecorded(databaseFileOf(config.settings.databaseUrl)),
          monotonic: () => systemClock.monotonic(),
        });
  let files: FileWatch | null = null;
  let reads = 0;
  let last: Promise<void> = Promise.resolve();

  const apply = async (change: PluginChange, saved: readonly string[]): Promise<ChangeOutcome | null> => {
    try {
      const outcome = await kernel.changePlugin(change);
      const line = reportLine(outcome, saved, cwd);
      if (line !== null) print(line);
      return outcome;
    } catch (error) {
      print(`✖ ${messageOf(error)}`);
      return null;
    }
  };

  /** Whoever could not run without it may now. */
  const startDependents = async (name: string) => {
    const waiting = kernel
      .plugins()
      .filter(({ state, manifest }) => state === 'failed' && Object.hasOwn(manifest?.requires ?? {}, name));
    for (const { name: dependent } of waiting) await change({ kind: 'reload', name: dependent }, []);
  };

  const change = async (wanted: PluginChange, saved: readonly string[]) => {
    const name = wanted.kind === 'put' ? wanted.entry.name : wanted.name;
    if (name !== null) replay?.before(name, kernel.plugins());
    const outcome = await apply(wanted, saved);
    if (replay !== null && outcome?.did === 'swapped')
      for (const line of await replay.after(outcome.plugin, kernel.plugins())) print(line);
    if (outcome?.did === 'started') await startDependents(outcome.plugin);
  };

  const changeComposition = async (saved: readonly string[]): Promise<ReadonlySet<string>> => {
    let next: ResolvedConfig;
    try {
      next = await read((reads += 1));
    } catch (error) {
      print(`✖ the composition was not taken over — what ran before serves on\n${indent(messageOf(error))}`);
      return new Set();
    }
    const plugins = kernel.plugins();
    const { changes, settings } = diffCompositions(config, next, {
      nameOf: ({ source }) =>
        plugins.find(({ entry }) => entry !== null && entry.source.file === source.file)?.name ?? null,
      requires: (name) =>
        Object.keys(plugins.find((plugin) => plugin.name === name)?.manifest?.requires ?? {}),
    });
    config = next;
    kernel.adoptComposition(next);
    if (settings) print('● settings have changed; start again for those to take effect');
    for (const one of changes) await change(one, saved);
    files?.add(foldersOf(config));
    return new Set(changes.flatMap((one) => (one.kind === 'put' ? (one.entry.name ?? []) : one.name)));
  };

  const onSaved = async (saved: readonly string[]) => {
    const affected = findAffected(saved, {
      plugins: pluginsOf(kernel),
      compositions: config.layers.flatMap(({ file }) => file ?? []),
      entriesOf: (file) => loader.entriesOf(file),
    });
    if (affected.restart !== null) return options.onRestartNeeded(affected.restart);
    loader.changed(saved);
    const done = affected.composition ? await changeComposition(saved) : new Set<string>();
    for (const name of affected.plugins) if (!done.has(name)) await change({ kind: 'reload', name }, saved);
  };

  const stop = async () => {
    await files?.close();
    await last;
    replay?.[Symbol.dispose]();
    await kernel.stop();
    await loader.close();
  };
  try {
    await kernel.start();
    const outside = [dataDir, config.settings.recordingsDir, config.settings.snapshotsDir].map((folder) =>
      resolve(cwd, folder),
    );
    files = await watchFiles({
      folders: foldersOf(config),
      isOutside: (path) => outside.some((folder) => path === folder || path.startsWith(folder + sep)),
      onSaved(saved) {
        last = last
          .then(() => onSaved(saved))
          .catch((error: unknown) => print(`✖ a save was not taken over: ${messageOf(error)}; save again`));
      },
      onError: (error) =>
        print(`✖ watching files: ${messageOf(error)}; heldar reload <plugin> works all the same`),
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return { kernel, settled: () => last, stop };
}

function pluginsOf(kernel: Kernel): WatchedPlugin[] {
  return kernel.plugins().flatMap(({ name, manifest, entry }) => {
    if (entry === null) return [];
    const folder = manifest?.folder ?? null;
    return [{ name, folder: folder === null ? null : realFolder(folder), file: entry.source.file }];
  });
}

/** Where compositions and plugins that are being edited lie: nothing below node_modules, except through a link. */
function foldersOf({ layers, plugins, cwd }: ResolvedConfig): string[] {
  const compositions = layers.flatMap(({ file }) => (file === null ? [] : [dirname(file)]));
  const packages = plugins.flatMap(({ source }) => {
    const place = source.packageFile ?? source.file;
    return place === null ? [] : [dirname(place)];
  });
  const folders = [cwd, ...compositions, ...packages].map(realFolder);
  const edited = folders.filter((folder) => !folder.split(sep).includes('node_modules'));
  // A folder within another one is watched with it.
  return edited.filter(
    (folder, index) =>
      edited.indexOf(folder) === index &&
      !edited.some((other) => folder !== other && folder.startsWith(other + sep)),
  );
}

const indent = (text: string) => text.replace(/^/gm, '  ');
