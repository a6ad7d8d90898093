/** What does `heldar start` do? Runs the composition until it is told to stop, and starts it again without a plugin that blocked it. */
import { Option, type Command } from 'commander';
import { untilToldToStop } from './signals.ts';
import { supervise } from './supervise.ts';

interface Flags {
  readonly config?: string;
  readonly env?: string;
  readonly traceBoot?: boolean;
  readonly supervise: boolean;
  readonly blockLimitMs?: number;
}

export function registerStartCommand(program: Command): void {
  program
    .command('start')
    .description('run the composition until SIGTERM or Ctrl+C')
    .option('--config <file>', 'the composition (default: the nearest heldar.config.ts)')
    .option('--env <name>', 'development, production or test (default: NODE_ENV, else production)')
    .option('--trace-boot', 'print how long each step of the start took')
    .option('--no-supervise', 'do not start again after a plugin blocked the process')
    .addOption(
      // For tests, which do not want to wait for the usual 10 s; 0 switches the watchdog off.
      new Option('--block-limit-ms <ms>', 'how long a plugin may block the event loop')
        .argParser(Number)
        .hideHelp(),
    )
    .action((flags: Flags) => (flags.supervise ? supervise(flags) : serve(flags)));
}

async function serve({ config, env, traceBoot, blockLimitMs }: Flags): Promise<void> {
  const { createKernel } = await import('../kernel.ts');
  const kernel = createKernel({
    ...(config === undefined ? {} : { config }),
    ...(env === undefined ? {} : { environment: env }),
    ...(blockLimitMs === undefined ? {} : { blockLimitMs: blockLimitMs === 0 ? null : blockLimitMs }),
  });
  try {
    const told = untilToldToStop();
    await kernel.start();
    if (traceBoot === true) process.stdout.write(`${kernel.bootTrace().text}\n`);
    process.send?.('started');
    await told;
    await kernel.stop();
  } finally {
    // An open channel to the parent would keep this process alive.
    if (process.connected) process.disconnect();
  }
}
