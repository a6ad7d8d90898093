/** How `heldar replay` is done. It ends with 0 when nothing differs, 1 when something does, 2 when it could not be told. */
import { systemClock } from '../clock.ts';
import { HeldarError } from '../errors.ts';
import { allTime, type Range } from '../replay/difference.ts';
import { openTape, sourceOf, type Tape } from '../replay/read-tape.ts';
import { reportReplay, type ReplayReport } from '../replay/report.ts';
import { showReport } from '../replay/show-report.ts';
import { subjectOf } from '../replay/subject.ts';
import type { Recorded } from '../store/recorded-queries.ts';
import { readComposition, type CompositionFlags } from './composition.ts';
import { openRecordedOf } from './recorded-store.ts';
import { surveyPlugins } from './survey.ts';
import { readTime } from './time-option.ts';

interface Flags extends CompositionFlags {
  readonly plugin: string;
  readonly from?: string;
  readonly to?: string;
  readonly tape?: string;
  readonly against?: 'live';
  readonly json?: true;
}

export async function replay(flags: Flags): Promise<void> {
  try {
    const report = await run(flags);
    process.stdout.write(flags.json === true ? `${JSON.stringify(report, null, 2)}\n` : showReport(report));
    process.exitCode = report.difference === null || report.difference.same ? 0 : 1;
  } catch (error) {
    // 1 says that the results differ.
    if (!(error instanceof HeldarError)) throw error;
    process.stderr.write(`✖ ${error.message}\n`);
    process.exitCode = 2;
  }
}

async function run(flags: Flags): Promise<ReplayReport> {
  const range = rangeOf(flags);
  const config = await readComposition(flags);
  const subject = subjectOf(await surveyPlugins(config), flags.plugin, config.cwd);
  const tape = flags.tape === undefined ? null : await openTape(flags.tape);
  const isCompared = tape === null || flags.against === 'live';
  using recorded = isCompared ? openRecordedOf(config) : null;
  if (tape !== null && recorded !== null) refuseForeign(tape, recorded, flags);
  const source = tape === null ? null : sourceOf(tape);
  return await reportReplay({ subject, source, recorded, range });
}

function rangeOf({ from, to }: Flags): Range {
  const now = systemClock.now();
  const range = {
    from: readTime('--from', from, now) ?? allTime.from,
    to: readTime('--to', to, now) ?? allTime.to,
  };
  if (range.from > range.to) throw new HeldarError('usage', '--from is later than --to');
  return range;
}

/** Ids derive from the store's, so nothing of another one could ever be the same. */
function refuseForeign({ header }: Tape, { storeId }: Recorded, { tape }: Flags): void {
  if (header.storeId !== storeId)
    throw new HeldarError(
      'usage',
      `${tape ?? 'the tape'} is of the store ${header.storeId}, the data folder holds ${storeId}; next: leave --against out, or name the data folder the tape is of with HELDAR_DATA_DIR`,
    );
}
