/** What does `heldar plugin remove` take? */
import type { Command } from 'commander';
import { withComposition } from '../composition.ts';

export function registerRemoveCommand(plugin: Command): void {
  withComposition(plugin.command('remove'))
    .description('take a plugin out of the composition; its package and its data stay')
    .argument('<plugin>', 'its name')
    .action(async (name: string, flags) => (await import('./run-remove.ts')).removePlugin(name, flags));
}
