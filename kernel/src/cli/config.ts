/** What `heldar config` does: print every effective value and where it came from. */
import type { Command } from 'commander';

interface Flags {
  readonly explain?: true;
  readonly config?: string;
  readonly env?: string;
}

export function registerConfigCommand(program: Command): void {
  program
    .command('config')
    .description('print every setting and plugin option with the file or variable it came from')
    .option('--explain', 'also print what each value replaced')
    .option('--config <file>', 'the composition (default: the nearest heldar.config.ts)')
    .option('--env <name>', 'development, production or test (default: NODE_ENV, else production)')
    .action(printConfig);
}

async function printConfig({ explain, config, env }: Flags): Promise<void> {
  // Loaded only when this command runs: the others do not need the plugin SDK.
  const [{ loadConfig }, { explainConfig }] = await Promise.all([
    import('../config/load-config.ts'),
    import('../config/explain.ts'),
  ]);
  const resolved = await loadConfig({ cwd: process.cwd(), env: process.env, file: config, environment: env });
  process.stdout.write(await explainConfig(resolved, explain ?? false));
}
