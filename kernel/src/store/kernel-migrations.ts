/** Where the kernel's own migrations lie: at the top of the repository, or beside the built package. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { HeldarError } from '../errors.ts';
import { kernelOwner, type MigrationOwner } from './migrations/owner.ts';

export function kernelMigrations(): MigrationOwner {
  const places = ['../../../migrations', '../../migrations'].map((path) =>
    fileURLToPath(new URL(path, import.meta.url)),
  );
  const folder = places.find((place) => existsSync(place));
  if (folder === undefined)
    throw new HeldarError(
      'store_unusable',
      `the kernel's migrations are missing; looked in ${places.join(' and ')}`,
    );
  return kernelOwner(folder);
}
