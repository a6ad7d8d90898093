/** Which steps `heldar migrate` has. */
import type { Command } from 'commander';

export function registerMigrateCommand(program: Command): void {
  const command = program
    .command('migrate')
    .description('show, apply, take back and remove the migrations of the kernel and of plugins');
  const step = (name: string, description: string): Command =>
    command
      .command(name)
      .description(description)
      .option('--config <file>', 'the composition (default: the nearest heldar.config.ts)')
      .option('--env <name>', 'development, production or test (default: NODE_ENV, else production)');
  step('status', 'what is applied, pending or changed')
    .argument('[owner]', 'kernel or a plugin; default: all')
    .action(async (owner, flags) => (await work()).showMigrations(owner, flags));
  step('up', 'apply what is pending, the kernel first; a start does it too')
    .argument('[owner]', 'a plugin; default: all')
    .action(async (owner, flags) => (await work()).migrateUp(owner, flags));
  step('down', 'take back the newest migration of an owner')
    .argument('<owner>', 'kernel or a plugin')
    .option('--to <name>', 'take back everything behind this migration')
    .action(async (owner, flags) => (await work()).takeBack(owner, flags));
  step('uninstall', 'delete everything a plugin left in the database')
    .argument('<plugin>', 'it may be gone from the composition')
    .option('--skip-down', 'drop its tables without running its down texts')
    .option('--yes', 'really')
    .action(async (plugin, flags) => (await work()).removePlugin(plugin, flags));
}

/** Loaded when a step runs: the other commands do not need a database. */
function work(): Promise<typeof import('./run-migrate.ts')> {
  return import('./run-migrate.ts');
}
