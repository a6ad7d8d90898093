/** Which commands does `heldar plugin` have? */
import type { Command } from 'commander';
import { registerListCommand } from './inspect.ts';
import { registerChangeCommands } from './plugin/change.ts';
import { registerAcceptCommand } from './plugin/accept.ts';
import { registerAddCommand } from './plugin/add.ts';
import { registerLockCommand } from './plugin/lock.ts';
import { registerRemoveCommand } from './plugin/remove.ts';

/** One line each, in the order of the help; each is a file of `cli/plugin/`. */
const subcommands: readonly ((plugin: Command) => void)[] = [
  registerListCommand,
  registerAddCommand,
  registerRemoveCommand,
  registerAcceptCommand,
  registerLockCommand,
  registerChangeCommands,
];

export function registerPluginCommand(program: Command): void {
  const plugin = program
    .command('plugin')
    .description('add plugins to the composition, remove and change them, and agree to what they may do');
  for (const register of subcommands) register(plugin);
}
