/** Does the composition have a plugin already, or another one of its name? */
import { showFile, showOrigin } from '../../config/code-frame.ts';
import { HeldarError } from '../../errors.ts';
import type { Site } from './site.ts';

/** True, and told, when the composition has it already. @throws HeldarError `conflict` when another one bears its name. */
export async function isPresent(
  { config, shown, lockFile }: Site,
  wanted: { readonly specifier: string | null; readonly file: string | null; readonly name: string | null },
): Promise<boolean> {
  const { cwd } = config;
  const there = config.plugins.find(
    ({ name, source }) =>
      (wanted.name !== null && name === wanted.name) ||
      (wanted.file !== null && source.file === wanted.file) ||
      (source.specifier !== null && source.specifier === wanted.specifier),
  );
  if (there !== undefined) {
    const isOther = there.source.file !== null && wanted.file !== null && there.source.file !== wanted.file;
    if (isOther)
      throw new HeldarError(
        'conflict',
        `the composition has another plugin called ${there.name ?? ''}, ${there.source.specifier ?? ''}: ${await showOrigin(there.origin, cwd)}; ${shown} is as it was\n  next: heldar plugin remove ${there.name ?? ''}, when this one is to take its place`,
      );
    const name = there.name ?? wanted.name ?? there.source.specifier ?? '';
    process.stdout.write(
      `${name} is in the composition already: ${await showOrigin(there.origin, cwd)}; ${shown} is as it was\n`,
    );
    process.stdout.write(
      `when it has changed, agree to it in ${showFile(lockFile, cwd)}: heldar plugin accept ${name}\n`,
    );
    return true;
  }
  const off = config.disabled.find(({ name }) => name === wanted.name);
  if (off === undefined) return false;
  process.stdout.write(
    `${off.name} is in the composition, which switches it off: ${await showOrigin(off.origin, cwd)}; ${shown} is as it was\n`,
  );
  return true;
}
