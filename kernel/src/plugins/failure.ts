/** Why a plugin does not run, told so that its author can mend it: the stage, the reason, the place, the next step. */
import { messageOf } from '../errors.ts';

export type Stage =
  'manifest' | 'pre-flight' | 'import' | 'config' | 'migrations' | 'setup' | 'start' | 'running';

export interface PluginFailure {
  readonly stage: Stage;
  readonly reason: string;
  /** `file:line:column`, where one is known. */
  readonly place: string | null;
  /** A code frame, where a line is known. */
  readonly frame: string | null;
  readonly next: string;
}

export function failure(
  stage: Stage,
  error: unknown,
  next: string,
  where: { folder?: string | null; frame?: string | null; place?: string | null } = {},
): PluginFailure {
  return {
    stage,
    reason: messageOf(error),
    place: where.place ?? placeOf(error, where.folder ?? null),
    frame: where.frame ?? null,
    next,
  };
}

/** The first line of the stack inside the plugin's folder, else the first outside of `node:` and the kernel. */
export function placeOf(error: unknown, folder: string | null): string | null {
  if (!(error instanceof Error) || error.stack === undefined) return null;
  const places = [...error.stack.matchAll(/(?:file:\/\/)?(\/[^\s()]+?:\d+(?::\d+)?)(?=\)|\s|$)/g)].map(
    ([, place]) => place ?? '',
  );
  const own = places.find((place) => folder !== null && place.startsWith(folder));
  return own ?? places.find((place) => !place.includes('/kernel/') && !place.includes('node:')) ?? null;
}

/** One line, for the log; the command line prints all of it. */
export function failureLine(name: string, { stage, reason, place }: PluginFailure): string {
  return `${name} failed (${stage}): ${reason}${place === null ? '' : ` at ${place}`}`;
}

/** As the terminal shows it. */
export function describeFailure(
  name: string,
  version: string,
  { reason, place, frame, next }: PluginFailure,
  serving: number,
): string {
  const rest =
    serving === 0
      ? 'no other plugin is running'
      : `the other ${serving} plugin${serving === 1 ? ' is' : 's are'} serving`;
  const lines = [
    `✖ ${name} ${version} failed to start — ${rest}`,
    ...reason.split('\n').map((line) => `  ${line}`),
  ];
  if (place !== null) lines.push(`    ${place}`);
  if (frame !== null) lines.push(...frame.split('\n').map((line) => `    ${line}`));
  lines.push(`  next: ${next}`);
  return lines.join('\n');
}
