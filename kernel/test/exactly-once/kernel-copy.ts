/** How is a kernel made that is wrong in one place? As a copy of the sources with a change of text that must fit exactly. */
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { kernelFolder } from './kernel-process.ts';

export interface Change {
  /** Relative to the kernel's folder. */
  readonly file: string;
  /** Stands there once. */
  readonly find: string;
  readonly replace: string;
}

/**
 * Copies the kernel to `kernel/.mutants/<name>`, where its packages and migrations are found as from the original. Answers the folder.
 * @throws when a text to change is not there, or more than once: the mutant no longer says what it should.
 */
export function copyKernel(name: string, changes: readonly Change[]): string {
  const folder = join(kernelFolder, '.mutants', name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const part of ['package.json', 'bin', 'src'])
    cpSync(join(kernelFolder, part), join(folder, part), {
      recursive: true,
      filter: (file) => !file.endsWith('.test.ts'),
    });
  symlinkSync(join(kernelFolder, '../migrations'), join(folder, 'migrations'));
  for (const { file, find, replace } of changes) {
    const path = join(folder, file);
    const [before, after, ...more] = readFileSync(path, 'utf8').split(find);
    if (before === undefined || after === undefined || more.length > 0)
      throw new Error(
        `the mutant ${name} does not fit ${file} any more: expected once, there is not or more than once:\n${find}`,
      );
    writeFileSync(path, before + replace + after);
  }
  return folder;
}
