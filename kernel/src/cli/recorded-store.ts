/** The database that a command reads, as the composition names it. */
import { existsSync } from 'node:fs';
import { databaseFileOf } from '../config/database-url.ts';
import type { ResolvedConfig } from '../config/load-config.ts';
import { HeldarError } from '../errors.ts';
import { openRecorded, type Recorded } from '../store/recorded-queries.ts';

/** @throws HeldarError `usage` when nothing was recorded there, `store_unusable` when it is of an older kernel. */
export function openRecordedOf({ settings }: ResolvedConfig): Recorded {
  const file = databaseFileOf(settings.databaseUrl);
  if (!existsSync(file))
    throw new HeldarError(
      'usage',
      `there is no database at ${file}; next: start the kernel once, or name its data folder with HELDAR_DATA_DIR`,
    );
  return openRecorded(file);
}
