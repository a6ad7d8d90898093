/** What does `heldar doctor` do? Looks everything over, changes nothing, and says what to do about what is wrong. */
import type { Command } from 'commander';
import { HeldarError } from '../errors.ts';
import { withComposition, type CompositionFlags } from './composition.ts';

export function registerDoctorCommand(program: Command): void {
  withComposition(program.command('doctor'))
    .description('check the machine, the composition, the database and the recordings; changes nothing')
    .action(examine);
}

async function examine(flags: CompositionFlags): Promise<void> {
  const { runChecks } = await import('./doctor/checks.ts');
  const { checks, failed } = await runChecks(flags, (line) => void process.stdout.write(`${line}\n`));
  if (failed > 0) throw new HeldarError('internal', `${failed} of ${checks} checks found something wrong`);
}
