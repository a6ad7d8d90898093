/** What does `heldar doctor` do? Looks everything over and says what to do about what is wrong; mends the recordings when asked to. */
import type { Command } from 'commander';
import { HeldarError } from '../errors.ts';
import { withComposition, type CompositionFlags } from './composition.ts';

interface DoctorFlags extends CompositionFlags {
  readonly repair?: true;
  readonly adopt?: readonly string[];
}

export function registerDoctorCommand(program: Command): void {
  withComposition(program.command('doctor'))
    .description(
      'check the machine, the composition, the database and the recordings; changes nothing unless told to',
    )
    .option(
      '--repair',
      'make the index fit the files: adopt those that are not indexed, drop rows whose file is gone, empty the garbage. With the kernel stopped',
    )
    .option(
      '--adopt <root...>',
      "with --repair: take over recording roots that bear no or another store's marker; default means the recordings folder",
    )
    .action((flags: DoctorFlags) => (flags.repair === true ? repair(flags) : examine(flags)));
}

async function repair(flags: DoctorFlags): Promise<void> {
  const [{ readComposition }, { repairRecordings }] = await Promise.all([
    import('./composition.ts'),
    import('./doctor/repair-recordings.ts'),
  ]);
  const tell = (line: string) => void process.stdout.write(`${line}\n`);
  await repairRecordings(await readComposition(flags), flags.adopt ?? [], tell);
}

async function examine(flags: DoctorFlags): Promise<void> {
  if (flags.adopt !== undefined)
    throw new HeldarError('usage', '--adopt changes what is on the disk: give --repair too');
  const { runChecks } = await import('./doctor/checks.ts');
  const { checks, failed } = await runChecks(flags, (line) => void process.stdout.write(`${line}\n`));
  if (failed > 0) throw new HeldarError('internal', `${failed} of ${checks} checks found something wrong`);
}
