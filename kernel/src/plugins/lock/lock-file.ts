/** What `heldar.lock` says: which plugins a site agreed to, and what each may touch. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { HeldarError, messageOf } from '../../errors.ts';
import { capabilities, isolations } from '../manifest.ts';

const lockedPlugin = z.strictObject({
  /** As the composition names it; null: the composition imports the plugin itself. */
  specifier: z.string().nullable(),
  version: z.string(),
  /** sha512 of its package's files; a plugin that is edited where it lies has `workspace` instead. */
  integrity: z
    .string()
    .regex(/^sha512-[A-Za-z0-9+/]{86}==$/, 'expected "sha512-…"')
    .optional(),
  workspace: z.literal(true).optional(),
  capabilities: z.array(z.enum(capabilities)),
  /** Outside `/api/v1/plugins/<name>`. */
  routes: z.array(z.string()),
  tablePrefix: z.string(),
  isolation: z.enum(isolations).optional(),
  /** Shipped migrations: path in the package, and sha256 of the text with \n as line end, as the ledger keeps it. */
  migrations: z.record(z.string(), z.string().regex(/^[0-9a-f]{64}$/, 'expected a sha256 in hexadecimal')),
});

const lockText = z.strictObject({ lockVersion: z.literal(1), plugins: z.record(z.string(), lockedPlugin) });

type Written = z.infer<typeof lockedPlugin>;
export type LockedPlugin = { readonly [Member in keyof Written]: Readonly<Written[Member]> };
/** By plugin name. */
export type LockedPlugins = ReadonlyMap<string, LockedPlugin>;

/** `heldar.lock` beside `heldar.config.ts`, `shop.heldar.lock` beside `shop.ts`. */
export function lockFileOf(compositionFile: string): string {
  const name = basename(compositionFile).replace(/\.[^.]+$/, '');
  return join(dirname(compositionFile), name === 'heldar.config' ? 'heldar.lock' : `${name}.heldar.lock`);
}

/** Null when there is none. @throws HeldarError `config_invalid` when it is not a lock. */
export function readLock(file: string): LockedPlugins | null {
  if (!existsSync(file)) return null;
  const text = readFileSync(file, 'utf8');
  const parsed = lockText.safeParse(parseJson(file, text));
  if (parsed.success) return new Map(Object.entries(parsed.data.plugins));
  const [issue] = parsed.error.issues;
  throw unusable(file, `${issue?.path.map(String).join('.') ?? ''}: ${issue?.message ?? ''}`);
}

/** Whole or not at all. The same plugins always give the same text, so that differences of two locks are few lines. */
export function writeLock(file: string, plugins: LockedPlugins): void {
  const temporary = `${file}.${process.pid}.tmp`;
  writeFileSync(temporary, lockTextOf(plugins));
  renameSync(temporary, file);
}

export function lockTextOf(plugins: LockedPlugins): string {
  const sorted = [...plugins].toSorted(([one], [other]) => inOrder(one, other));
  const text = {
    lockVersion: 1,
    plugins: Object.fromEntries(sorted.map(([name, plugin]) => [name, inFixedOrder(plugin)])),
  };
  return `${JSON.stringify(text, null, 2)}\n`;
}

/** `file:line` of what it says about a plugin; the file when it says nothing. */
export function placeInLock(file: string, plugin: string): string {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  const line = lines.findIndex((text) => text.startsWith(`    ${JSON.stringify(plugin)}: {`));
  return line === -1 ? file : `${file}:${line + 1}`;
}

function inFixedOrder({
  specifier,
  version,
  integrity,
  workspace,
  capabilities: allowed,
  routes,
  tablePrefix,
  isolation,
  migrations,
}: LockedPlugin): LockedPlugin {
  return {
    specifier,
    version,
    ...(integrity === undefined ? {} : { integrity }),
    ...(workspace === undefined ? {} : { workspace }),
    capabilities: allowed.toSorted(inOrder),
    routes: routes.toSorted(inOrder),
    tablePrefix,
    ...(isolation === undefined ? {} : { isolation }),
    migrations: Object.fromEntries(
      Object.entries(migrations).toSorted(([one], [other]) => inOrder(one, other)),
    ),
  };
}

/** By code unit: the same on every machine, whatever its language. */
function inOrder(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw unusable(file, messageOf(error).replaceAll('\n', ' '));
  }
}

function unusable(file: string, why: string): HeldarError {
  return new HeldarError(
    'config_invalid',
    `${file} cannot be used: ${why}\n  next: take it from version control, or have it written anew from what is installed: delete it, then heldar plugin lock`,
  );
}
