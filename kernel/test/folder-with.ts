/** A temporary folder with given files, in which compositions and plugins can be loaded. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface TemporaryFolder extends Disposable {
  readonly path: string;
  /** The absolute path of a file in it. */
  file(name: string): string;
  /** Writes a file, and the folders above it. */
  write(name: string, text: string): void;
}

const scope = fileURLToPath(new URL('../../node_modules/@heldar', import.meta.url));

/** `files`: by path in the folder. The packages of this project can be imported from there by their names. */
export function folderWith(files: Readonly<Record<string, string>>): TemporaryFolder {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'heldar-')));
  mkdirSync(join(path, 'node_modules'));
  symlinkSync(scope, join(path, 'node_modules/@heldar'));
  const write = (name: string, text: string) => {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), text);
  };
  const all = { 'package.json': '{ "type": "module" }', ...files };
  for (const [name, text] of Object.entries(all)) write(name, text);
  return {
    path,
    write,
    file: (name) => join(path, name),
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}
