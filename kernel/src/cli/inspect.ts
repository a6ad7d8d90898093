/** Which commands tell about the plugins of a composition. */
import type { Command } from 'commander';
import { withAddress } from './ask-kernel.ts';
import { withComposition } from './composition.ts';

export function registerListCommand(program: Command): void {
  withAddress(withComposition(program.command('list')))
    .description('the plugins of the composition, and what the running kernel says of them')
    .option('--json', 'as JSON')
    .action(async (flags) => (await import('./run-list.ts')).listPlugins(flags));
}

export function registerInspectCommand(program: Command): void {
  withAddress(withComposition(program.command('inspect')))
    .description('all that is known of a plugin without starting it')
    .argument('<plugin>', 'its name')
    .option('--json', 'as JSON')
    .action(async (name: string, flags) => (await import('./run-inspect.ts')).inspectPlugin(name, flags));
}
