/** What does `heldar plugin add` take? */
import type { Command } from 'commander';

export interface AddFlags {
  /** Options of the plugin as `name=value`, and the composition's file. */
  readonly config?: readonly string[];
  readonly env?: string;
  readonly json?: string;
  readonly yes?: true;
  readonly install: boolean;
}

export function registerAddCommand(plugin: Command): void {
  plugin
    .command('add')
    .description('install a plugin, show what it asks for, and put it into the composition')
    .argument(
      '<package|path>',
      'a package of the registry (name or name@range), a .tgz file, or the folder of a plugin',
    )
    .option(
      '--config <option=value...>',
      'options of the plugin: graceMinutes=10 smtp.host=mail; what has no = is the composition’s file',
    )
    .option('--json <object>', 'options of the plugin, as JSON')
    .option('--env <name>', 'development, production or test (default: NODE_ENV, else production)')
    .option('--yes', 'do not ask')
    .option('--no-install', 'do not install: the package is there already')
    .addHelpText(
      'after',
      `
Examples:
  heldar plugin add @acme/heldar-ppe
  heldar plugin add ./parking --config graceMinutes=10
  heldar plugin add @acme/heldar-ppe@^2 --json '{"zones":["yard"]}' --yes`,
    )
    .action(async (wanted: string, flags: AddFlags) =>
      (await import('./run-add.ts')).addPlugin(wanted, flags),
    );
}
