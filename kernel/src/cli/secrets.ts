/** Which steps do `heldar secrets` and `heldar audit` have? */
import type { Command } from 'commander';
import { withComposition } from './composition.ts';

export function registerSecretsCommand(program: Command): void {
  const command = program
    .command('secrets')
    .description('the key that secrets in the database are sealed with; the kernel must not run');
  withComposition(command.command('rekey'))
    .description('seal everything with another key')
    .option('--new-key-file <file>', 'the new key (default: one is made, in place of the old)')
    .action(async (flags) => (await work()).runRekey(flags));
}

export function registerAuditCommand(program: Command): void {
  const command = program
    .command('audit')
    .description('the audit log of the composition; the kernel may run');
  withComposition(command.command('verify'))
    .description('is the log whole? Names the first row that was changed, and where rows are missing')
    .option('--known <seq:mac>', 'an end that was printed earlier and kept elsewhere: it must still be there')
    .action(async (flags) => (await work()).runVerify(flags));
}

function work(): Promise<typeof import('./run-secrets.ts')> {
  return import('./run-secrets.ts');
}
