/** How each step of `heldar tape` is done. */
import { join, resolve } from 'node:path';
import { systemClock } from '../clock.ts';
import { databaseFileOf } from '../config/database-url.ts';
import { importTape } from '../replay/import-tape.ts';
import { openTape } from '../replay/read-tape.ts';
import { amountOf } from '../replay/show-report.ts';
import { writeTape } from '../replay/write-tape.ts';
import { readComposition, type CompositionFlags } from './composition.ts';
import { openRecordedOf } from './recorded-store.ts';
import { readTime } from './time-option.ts';

export async function exportTape(
  flags: CompositionFlags & { out: string; from?: string; to?: string; camera?: readonly string[] },
): Promise<void> {
  const now = systemClock.now();
  const from = readTime('--from', flags.from, now);
  const to = readTime('--to', flags.to, now);
  using recorded = openRecordedOf(await readComposition(flags));
  const written = await writeTape(recorded, { file: flags.out, from, to, cameras: flags.camera ?? null });
  const { records, batches, before } = written;
  const earlier = before === 0 ? '' : ` (${before} from before --from)`;
  process.stdout.write(`${flags.out}: ${amountOf(records, batches, ', ')}${earlier}\n`);
}

export async function importTapeFile(
  file: string,
  flags: CompositionFlags & { into?: string },
): Promise<void> {
  const place = await placeOf(flags);
  const { records, batches } = await importTape(await openTape(file), place);
  process.stdout.write(`${place.dataDir}: ${amountOf(records, batches, ' and ')} imported\n`);
}

async function placeOf({
  into,
  ...flags
}: CompositionFlags & { into?: string }): Promise<{ dataDir: string; databaseFile: string }> {
  if (into !== undefined) {
    const dataDir = resolve(into);
    return { dataDir, databaseFile: join(dataDir, 'heldar.db') };
  }
  const { settings } = await readComposition(flags);
  return { dataDir: settings.dataDir, databaseFile: databaseFileOf(settings.databaseUrl) };
}
