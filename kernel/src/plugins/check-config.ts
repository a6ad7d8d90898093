/** Do the options that the composition gives a plugin fit its schema? */
import { locateOrigin, showOrigin, showPlaceOf } from '../config/code-frame.ts';
import { originOfOption } from '../config/resolve-plugins.ts';
import { withDeadline } from '../runtime/deadline.ts';
import { failure, type PluginFailure } from './failure.ts';
import type { PluginLimits } from './limits.ts';
import { checkOptions, describeProblem, type CheckedOptions } from './options.ts';
import { runAs } from './running-as.ts';
import type { Slot } from './slot.ts';

/** null when they do: `slot.options` then holds what the schema made of them. */
export async function checkConfig(
  slot: Slot,
  { cwd, limits: { setupMs } }: { readonly cwd: string; readonly limits: PluginLimits },
): Promise<PluginFailure | null> {
  const { definition, manifest, name, entry } = slot;
  if (definition === null) return null;
  let checked: CheckedOptions;
  try {
    checked = await withDeadline(
      runAs(name, () => checkOptions(definition, entry.config)),
      setupMs,
      `the schema of its options did not answer within ${setupMs} ms`,
    );
  } catch (error) {
    const reason = `the schema of its options threw: ${error instanceof Error ? error.message : String(error)}`;
    const where = { folder: manifest?.folder ?? null };
    return {
      ...failure('config', error, 'mend the schema under `config` in definePlugin', where),
      reason,
    };
  }
  if (!checked.ok) return optionsFailure(cwd, slot, checked.problems);
  slot.options = checked.options;
  return null;
}

/** The first problem with its place and frame, the others with their places. */
async function optionsFailure(
  cwd: string,
  { entry, name }: Slot,
  problems: Extract<CheckedOptions, { ok: false }>['problems'],
): Promise<PluginFailure> {
  const origins = problems.map(({ path }) => originOfOption(entry, path));
  const locations = await Promise.all(origins.map((origin) => locateOrigin(origin)));
  const places = await Promise.all(
    origins.map(async (origin, index) => {
      const location = locations[index];
      return location ? showPlaceOf(location, cwd) : showOrigin(origin, cwd);
    }),
  );
  const reason = problems
    .map((problem, index) => `${describeProblem(problem)}${index === 0 ? '' : ` (${places[index] ?? ''})`}`)
    .join('\n');
  return failure(
    'config',
    reason,
    `correct it in the composition; \`heldar inspect ${name}\` lists every option`,
    { place: places[0] ?? null, frame: locations[0]?.frame ?? null },
  );
}
