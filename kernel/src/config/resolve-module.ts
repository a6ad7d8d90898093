/** Which file a specifier names, seen from another folder than this module's. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { resolveModulePath } from 'exsolve';

/** `./x`, `../x`, `/x`: a path and not a package. */
export function isPath(specifier: string): boolean {
  return /^(?:\.{1,2}(?:[/\\]|$)|[/\\]|[a-z]:[/\\]|file:)/i.test(specifier);
}

/** The absolute file, or null when there is none. `import.meta.resolve` can't do it: it looks from this module only. */
export function resolveModule(specifier: string, folder: string): string | null {
  if (!isPath(specifier)) return resolvePackage(specifier, folder);
  const path = specifier.startsWith('file:') ? fileURLToPath(specifier) : resolve(folder, specifier);
  const kind = statSync(path, { throwIfNoEntry: false });
  if (kind?.isDirectory()) return resolveFolder(path);
  return kind ? path : null;
}

function resolvePackage(specifier: string, folder: string): string | null {
  const found = resolveModulePath(specifier, {
    from: pathToFileURL(join(folder, 'here.js')),
    conditions: runtimeConditions(),
    cache: false,
    try: true,
  });
  return found ?? null;
}

/** The entry of the package in a folder: a package may name itself. */
function resolveFolder(folder: string): string | null {
  const found = findPackage(join(folder, 'package.json'));
  const { name, main } = found?.content ?? {};
  if (found === null || dirname(found.file) !== folder || typeof name !== 'string') return null;
  const file = resolvePackage(name, folder) ?? (typeof main === 'string' ? join(folder, main) : null);
  return file !== null && existsSync(file) ? file : null;
}

/** The conditions this process resolves packages with. */
export function runtimeConditions(): string[] {
  const given = [...process.execArgv, ...(process.env['NODE_OPTIONS'] ?? '').split(/\s+/)];
  const conditions = given.flatMap((argument, index) => {
    if (argument.startsWith('--conditions=')) return [argument.slice('--conditions='.length)];
    return argument === '--conditions' || argument === '-C' ? [given[index + 1] ?? ''] : [];
  });
  return ['node', 'import', 'module-sync', ...conditions.filter((condition) => condition !== '')];
}

export interface PackageFile {
  /** Absolute path of the `package.json`. */
  readonly file: string;
  readonly content: { readonly name?: unknown; readonly main?: unknown; readonly heldar?: unknown };
}

/** The nearest `package.json` with a name, at or above a file; null also when it is not JSON. */
export function findPackage(file: string): PackageFile | null {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const candidate = join(folder, 'package.json');
    if (existsSync(candidate)) {
      const content = parseObject(readFileSync(candidate, 'utf8'));
      if (content === null || typeof content.name === 'string')
        return content && { file: candidate, content };
    }
    if (folder === dirname(folder)) return null;
  }
}

/** Who loads the plugin says what is wrong with its package; here it only means that nothing is known before. */
function parseObject(text: string): PackageFile['content'] | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : null;
  } catch {
    return null;
  }
}
