/** What does a developer see after a save? One line for what went well; what did not is in the log, with its frame and the next step. */
import { relative } from 'node:path';
import type { ChangeOutcome } from '../plugins/changes.ts';

const verbs = {
  started: 'started',
  swapped: 'reloaded',
  stopped: 'stopped',
  nothing: 'is as it was',
} as const;

/** null for a change that was refused or failed: it is told where it is logged. `files`: those of the save, absolute. */
export function reportLine(outcome: ChangeOutcome, files: readonly string[], cwd: string): string | null {
  const { plugin, did, tookMs } = outcome;
  if (did === 'refused' || did === 'failed') return null;
  const took = did === 'nothing' ? '' : ` in ${tookMs < 10 ? tookMs.toFixed(1) : Math.round(tookMs)} ms`;
  const shown = files.slice(0, 3).map((file) => relative(cwd, file));
  const more = files.length > shown.length ? `, … ${files.length - shown.length} more` : '';
  const why = shown.length === 0 ? '' : `  (${shown.join(', ')}${more})`;
  return `✔ ${plugin} ${verbs[did]}${took}${why}`;
}
