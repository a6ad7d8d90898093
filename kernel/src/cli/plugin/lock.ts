/** What does `heldar plugin lock` take? */
import type { Command } from 'commander';
import { withComposition } from '../composition.ts';

export function registerLockCommand(plugin: Command): void {
  withComposition(plugin.command('lock'))
    .description('write heldar.lock: what each plugin of the composition is, and what it may do')
    .option('--yes', 'do not ask, also where plugins have changed')
    .action(async (flags) => (await import('./run-lock.ts')).lockPlugins(flags));
}
