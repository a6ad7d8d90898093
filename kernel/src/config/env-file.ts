/** Which variables the nearest `.env` file adds to the environment. */
import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseEnv } from 'node:util';
import { HeldarError, messageOf } from '../errors.ts';

export type Env = Record<string, string | undefined>;

export interface EnvFile {
  readonly file: string;
  /** Line of each variable that it set; those that were set already are not here. */
  readonly lines: ReadonlyMap<string, number>;
}

/**
 * Adds what the `.env` file of `cwd`, or of its nearest parent that has one, sets to `env`. It changes `env` itself, so that
 * the composition and plugins see the variables too; what is set already stays.
 */
export function loadEnvFile(cwd: string, env: Env): EnvFile | null {
  const file = findEnvFile(cwd);
  if (!file) return null;
  const text = readText(file);
  const lines = new Map<string, number>();
  for (const [name, value] of Object.entries(parseEnv(text))) {
    if (env[name] !== undefined) continue;
    env[name] = value;
    lines.set(name, lineOf(name, text));
  }
  return { file, lines };
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new HeldarError('config_invalid', `cannot read ${file}: ${messageOf(error)}`, { cause: error });
  }
}

function findEnvFile(cwd: string): string | null {
  for (let folder = cwd; ; folder = dirname(folder)) {
    const file = join(folder, '.env');
    if (statSync(file, { throwIfNoEntry: false })?.isFile()) return file;
    if (folder === dirname(folder)) return null;
  }
}

/** The last assignment counts. */
function lineOf(name: string, text: string): number {
  return text.split('\n').findLastIndex((line) => assignedIn(line) === name) + 1;
}

const assignedIn = (line: string): string | undefined => /^\s*(?:export\s+)?([^\s=]+)\s*=/.exec(line)?.[1];
