/** What does `heldar plugin accept` take? */
import type { Command } from 'commander';
import { withComposition } from '../composition.ts';

export function registerAcceptCommand(plugin: Command): void {
  withComposition(plugin.command('accept'))
    .description('agree to a plugin as it is now: show how it differs from heldar.lock, and write that')
    .argument('<plugin>', 'its name')
    .action(async (name: string, flags) => (await import('./run-accept.ts')).acceptPlugin(name, flags));
}
