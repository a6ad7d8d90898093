/** Are the files of a package those that were locked? One hash over all that its author shipped. */
import { createHash } from 'node:crypto';
import { createReadStream, readlinkSync, realpathSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

/** Was it put there by a package manager, and so not to be edited? A linked folder lies elsewhere. */
export function isInstalled(folder: string): boolean {
  return realpathSync(folder).split(sep).includes('node_modules');
}

/**
 * `sha512-…` over the paths and contents of all files below a package's folder, whatever their dates and modes. What other packages
 * lie in its `node_modules` is for the package manager's lock to say.
 */
export async function integrityOf(folder: string): Promise<string> {
  const whole = createHash('sha512');
  const files = (await filesBelow(folder)).map(({ file, isLink }) => ({
    file,
    isLink,
    path: relative(folder, file).split(sep).join('/'),
  }));
  // By code unit: the same on every machine.
  for (const { file, isLink, path } of files.toSorted((one, other) => (one.path < other.path ? -1 : 1))) {
    const content = isLink ? hashOfText(readlinkSync(file)) : await hashOfFile(file);
    whole.update(`${JSON.stringify(path)} ${isLink ? 'link' : 'file'} ${content}\n`);
  }
  return `sha512-${whole.digest('base64')}`;
}

interface ShippedFile {
  readonly file: string;
  readonly isLink: boolean;
}

async function filesBelow(folder: string): Promise<ShippedFile[]> {
  const found: ShippedFile[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const file = join(folder, entry.name);
    if (!entry.isDirectory()) found.push({ file, isLink: entry.isSymbolicLink() });
    else if (entry.name !== 'node_modules') found.push(...(await filesBelow(file)));
  }
  return found;
}

/** Piece by piece: a package may bring a model of hundreds of megabytes. */
async function hashOfFile(path: string): Promise<string> {
  const hash = createHash('sha512');
  for await (const piece of createReadStream(path)) hash.update(piece as Buffer);
  return hash.digest('hex');
}

function hashOfText(text: string): string {
  return createHash('sha512').update(text).digest('hex');
}
