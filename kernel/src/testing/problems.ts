/** Which lines of the log tell that a plugin did something wrong? */
import type { LogLine } from './kernel-run.ts';

export interface Problem {
  readonly plugin: string;
  readonly message: string;
  /** `file:line:column` in the plugin's code, where it is known. */
  readonly place: string | null;
  /** The whole line of the log. */
  readonly line: LogLine;
}

/** null: the line tells of none. What the host says of a plugin counts from a warning on, what the plugin itself logs when it is an error. */
export function problemOf(line: LogLine, plugins: ReadonlySet<string>): Problem | null {
  const { level, plugin, part, reason, place, err } = line;
  const saidOf = typeof plugin === 'string' && plugins.has(plugin) ? plugin : null;
  const saidBy = typeof part === 'string' && plugins.has(part) && level === 'error' ? part : null;
  const who = saidOf ?? saidBy ?? routeOwner(line, plugins);
  if (who === null || (level !== 'warn' && level !== 'error')) return null;
  const why = reason ?? (err as { readonly message?: unknown } | undefined)?.message;
  const message = typeof why === 'string' ? `${line.msg}: ${why}` : line.msg;
  return { plugin: who, message, place: typeof place === 'string' ? place : null, line };
}

/** Whose route failed, of those below `/api/v1/plugins/<name>`. */
function routeOwner({ part, path }: LogLine, plugins: ReadonlySet<string>): string | null {
  const name = part === 'http' && typeof path === 'string' ? path.split('/')[4] : undefined;
  return name !== undefined && plugins.has(name) ? name : null;
}
