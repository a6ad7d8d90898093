/** How is a plugin's code loaded in development, so that a save costs only the changed file and its importers, and nothing old is kept? */
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import type { DevEnvironment, ViteDevServer } from 'vite';
import type { EvaluatedModuleNode, ModuleRunner } from 'vite/module-runner';
import { runtimeConditions } from '../config/resolve-module.ts';
import type { ModuleLoader } from '../plugins/module-loader.ts';
import { createFileStamps } from './file-stamps.ts';

export interface DevLoader extends ModuleLoader {
  /** These files are not what they were: they and whatever imports them are evaluated anew at the next load. */
  changed(files: readonly string[]): void;
  /** Entry files that reach this file by their imports. */
  entriesOf(file: string): ReadonlySet<string>;
  close(): Promise<void>;
}

/** What must be one instance for kernel and plugins; everything else below node_modules is loaded by Node anyway. */
const shared = ['@heldar/plugin-sdk', '@heldar/plugin-sdk/worker', '@heldar/kernel'];

/** `root`: absolute folder of the composition. Nothing is written there and no socket is opened. */
export async function createDevLoader(root: string, cacheDir: string): Promise<DevLoader> {
  const { createServer, createServerModuleRunner } = await import('vite');
  const conditions = runtimeConditions();
  const stamps = createFileStamps();
  const server: ViteDevServer = await createServer({
    configFile: false,
    envFile: false,
    root,
    cacheDir,
    appType: 'custom',
    logLevel: 'silent',
    // Types are not checked here, and a tsconfig that extends what is not installed must not stop a load.
    server: { middlewareMode: true, hmr: false, ws: false, watch: null, preTransformRequests: false },
    plugins: [
      { name: 'heldar:stamps', enforce: 'pre', load: (id) => stamps.note(id.replace(/[?#].*$/, '')) },
    ],
    optimizeDeps: { noDiscovery: true, include: [] },
    ssr: { external: shared, resolve: { conditions, externalConditions: conditions } },
  });
  const environment: DevEnvironment = server.environments.ssr;
  const runner: ModuleRunner = createServerModuleRunner(environment, {
    hmr: false,
    sourcemapInterceptor: 'prepareStackTrace',
  });
  const entries = new Set<string>();

  /** The file's modules and all that import them, however far up. */
  const importersOf = (file: string): ReadonlySet<EvaluatedModuleNode> => {
    const found = new Set<EvaluatedModuleNode>();
    const add = (module: EvaluatedModuleNode) => {
      if (found.has(module)) return;
      found.add(module);
      for (const id of module.importers) {
        const importer = runner.evaluatedModules.getModuleById(id);
        if (importer !== undefined) add(importer);
      }
    };
    for (const module of runner.evaluatedModules.getModulesByFile(file) ?? []) add(module);
    return found;
  };

  const changed = (files: readonly string[]) => {
    stamps.forget(files);
    for (const file of files) {
      environment.moduleGraph.onFileChange(file);
      for (const module of importersOf(file)) runner.evaluatedModules.invalidateModule(module);
    }
  };

  return {
    async load(source) {
      const { file } = source;
      if (file === null || isInstalled(file)) return source.load();
      entries.add(file);
      // A reload may be asked for because no watcher saw the save, or because what a module failed of is mended.
      changed([...stamps.stale(), ...(await failedFiles(runner))]);
      try {
        return await runner.import(file);
      } catch (error) {
        throw asNodeWould(error, file);
      }
    },
    changed,
    entriesOf: (file) =>
      new Set([...importersOf(file)].map((module) => module.file).filter((path) => entries.has(path))),
    async close() {
      await runner.close();
      await server.close();
    },
  };
}

/** Of the modules whose evaluation has ended with an error. */
async function failedFiles({ evaluatedModules }: ModuleRunner): Promise<string[]> {
  const modules = [...evaluatedModules.idToModuleMap.values()];
  // One that is still being evaluated has not failed.
  const settled = Promise.resolve();
  const ended = await Promise.allSettled(
    modules.map(({ promise }) => Promise.race([promise ?? settled, settled])),
  );
  return modules.flatMap(({ file }, index) => (ended[index]?.status === 'rejected' ? file : []));
}

/** Below node_modules code is not edited: Node loads it, once. */
function isInstalled(file: string): boolean {
  return /[\\/]node_modules[\\/]/.test(file);
}

interface TransformError extends Error {
  readonly id?: string;
  readonly loc?: { readonly file?: string; readonly line: number; readonly column: number };
}

/** A file that can't be read as code: the place stands at the head of the stack, as with Node's own loader. */
function asNodeWould(error: unknown, entry: string): unknown {
  if (!(error instanceof Error)) return error;
  const { id, loc } = error as TransformError;
  const message = stripVTControlCharacters(error.message);
  if (/^Transform failed|\[PARSE_ERROR\]/.test(message)) {
    const [, line, column] = /:(\d+):(\d+)\s*\]?\s*$/m.exec(message) ?? [];
    const said = /\[PARSE_ERROR\]\s*(.+)/.exec(message)?.[1] ?? message.split('\n')[0] ?? message;
    return syntaxError(
      said.trim(),
      id ?? entry,
      loc?.line ?? Number(line ?? 1),
      loc?.column ?? Number(column ?? 1),
    );
  }
  return missingModule(error, message) ?? error;
}

function syntaxError(text: string, file: string, line: number, column: number): SyntaxError {
  const error = new SyntaxError(text);
  error.stack = `${pathToFileURL(file).href}:${line}:${column}\n\nSyntaxError: ${text}`;
  return error;
}

/** Vite tells of a module that is not there in words of its own; from here on it is told as Node tells it. */
function missingModule(error: Error, message: string): Error | null {
  const [, missing, importer] =
    /^Cannot find module '([^']+)' imported from '([^']+)'/.exec(message) ??
    /^Failed to load url (\S+) \(resolved id: [^)]*\)(?: in (\S+))?/.exec(message) ??
    [];
  if (missing === undefined || importer === undefined) return null;
  const file = importer.replace(/[.?]?$/, '').replace(/\?.*$/, '');
  const told = new Error(`Cannot find module '${missing}' imported from ${file}`, { cause: error });
  const lines = readText(file).split('\n');
  const line = lines.findIndex((text) => text.includes(missing));
  const column = (lines[line]?.indexOf(missing) ?? 0) + 1;
  told.stack = `${told.message}\n    at ${pathToFileURL(file).href}:${line + 1}:${column}`;
  return Object.assign(told, { code: 'ERR_MODULE_NOT_FOUND' });
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
