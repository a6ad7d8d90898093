/** Which compositions lie over each other: the file, and all that it extends. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { HeldarError, messageOf } from '../errors.ts';
import { locateConfigValue, locatePoint, showFile, showLocation } from './code-frame.ts';
import { isPath, resolveModule } from './resolve-module.ts';

/** One composition as its author wrote it; nothing of it is checked yet. */
export interface Layer {
  /** Absolute; null when a program handed the composition in. */
  readonly file: string | null;
  /** Relative folders and modules are resolved against it. */
  readonly folder: string;
  readonly config: Readonly<Record<string, unknown>>;
}

const fileNames = ['heldar.config.ts', 'heldar.config.mts', 'heldar.config.js', 'heldar.config.mjs'];

/** The composition of the working directory or of its nearest parent that has one. */
export function findConfigFile(cwd: string): string | null {
  for (let folder = cwd; ; folder = dirname(folder)) {
    const found = fileNames.map((name) => join(folder, name)).find((file) => existsSync(file));
    if (found) return found;
    if (folder === dirname(folder)) return null;
  }
}

/** The layers of a file, the deepest base first. `fresh`: another number than before reads compositions anew; Node keeps the older ones too. */
export async function loadLayers(file: string, cwd: string, fresh = 0): Promise<Layer[]> {
  if (!existsSync(file))
    throw new HeldarError('config_invalid', `there is no composition ${showFile(file, cwd)}`);
  const layers: Layer[] = [];
  await addLayer(await importComposition(file, cwd, fresh), [], layers, cwd, fresh);
  return layers;
}

/** The layers of a composition that a program hands in. */
export async function layersOf(config: object, cwd: string): Promise<Layer[]> {
  const layers: Layer[] = [];
  await addLayer({ file: null, folder: cwd, config: config as Record<string, unknown> }, [], layers, cwd);
  return layers;
}

/** Adds what `layer` extends, then `layer`; a base that two compositions share counts once, where it stands first. */
async function addLayer(
  layer: Layer,
  above: readonly string[],
  layers: Layer[],
  cwd: string,
  fresh = 0,
): Promise<void> {
  if (layers.some(({ file }) => file !== null && file === layer.file)) return;
  const chain = layer.file === null ? above : [...above, layer.file];
  for (const [index, base] of basesOf(layer).entries()) {
    const file = resolveBase(base, layer);
    if (file === null) throw await extendsError(layer, index, cwd, `cannot find ${JSON.stringify(base)}`);
    if (chain.includes(file)) {
      const path = [...chain.slice(chain.indexOf(file)), file].map((step) => showFile(step, cwd));
      throw await extendsError(layer, index, cwd, `a composition extends itself: ${path.join(' → ')}`);
    }
    await addLayer(await importComposition(file, cwd, fresh), chain, layers, cwd, fresh);
  }
  layers.push(layer);
}

/** What is not a text is left to the check of the shape. */
function basesOf(layer: Layer): string[] {
  const bases = layer.config['extends'];
  return (Array.isArray(bases) ? bases : [bases]).filter((base) => typeof base === 'string');
}

function resolveBase(base: string, layer: Layer): string | null {
  if (!isPath(base)) return resolveModule(base, layer.folder);
  const file = resolve(layer.folder, base);
  return existsSync(file) ? file : null;
}

async function extendsError(layer: Layer, index: number, cwd: string, text: string): Promise<HeldarError> {
  const keys = Array.isArray(layer.config['extends']) ? ['extends', index] : ['extends'];
  const location = layer.file === null ? undefined : await locateConfigValue(layer.file, keys);
  const place = location ? `\n${showLocation(location, cwd, '    ')}` : '';
  return new HeldarError('config_invalid', `extends: ${text}${place}`);
}

/**
 * Loads a composition with Node's own `import`, which strips the types of TypeScript. No other loader (jiti, c12's default)
 * comes between: it would make a second instance of `@heldar/plugin-sdk` and of every plugin that the composition imports.
 */
async function importComposition(file: string, cwd: string, fresh: number): Promise<Layer> {
  let loaded: { default?: unknown };
  try {
    const query = fresh === 0 ? '' : `?fresh=${fresh}`;
    loaded = (await import(/* @vite-ignore */ pathToFileURL(file).href + query)) as { default?: unknown };
  } catch (error) {
    throw await importError(file, error, cwd);
  }
  const config = loaded.default;
  if (typeof config !== 'object' || config === null || Array.isArray(config))
    throw new HeldarError(
      'config_invalid',
      `${showFile(file, cwd)} exports no composition\n  next: write \`export default defineConfig({ … })\` in it`,
    );
  return { file, folder: dirname(file), config: config as Record<string, unknown> };
}

async function importError(file: string, error: unknown, cwd: string): Promise<HeldarError> {
  const code = (error as { code?: unknown }).code;
  const next =
    code === 'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING'
      ? '\n  next: a composition in a package has to be JavaScript; build it before it is published'
      : '';
  const location = await locateThrow(file, error);
  const place = location ? `\n${showLocation(location, cwd, '    ')}` : '';
  return new HeldarError(
    'config_invalid',
    `${showFile(file, cwd)} cannot be loaded: ${messageOf(error)}${place}${next}`,
    { cause: error },
  );
}

/** The innermost place in a file of the author's: V8 names it at the head of a syntax error, or in the stack. */
async function locateThrow(file: string, error: unknown) {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  for (const [, url = '', line, column] of stack.matchAll(/(file:\/\/[^\s():]+):(\d+)(?::(\d+))?/g)) {
    const place = fileURLToPath(url);
    if (/[/\\]node_modules[/\\]/.test(place) && place !== file) continue;
    const source = await readFile(place, 'utf8').catch(() => undefined);
    if (source !== undefined) return locatePoint(place, source, Number(line), Number(column ?? 1));
  }
  return undefined;
}
