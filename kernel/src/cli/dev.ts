/** What does `heldar dev` do? Runs the composition and takes over every save; starts again for what a save can't change. */
import { Option, type Command } from 'commander';
import { basename } from 'node:path';
import { readDuration } from './time-option.ts';
import { untilToldToStop } from './signals.ts';
import { restartCode, supervise } from './supervise.ts';

interface Flags {
  readonly config?: string;
  readonly supervise: boolean;
  readonly blockLimitMs?: number;
  readonly replay?: string;
  readonly setupLimitMs?: number;
}

export function registerDevCommand(program: Command): void {
  program
    .command('dev')
    .description('run the composition; every save of a plugin or of the composition takes effect at once')
    .option('--config <file>', 'the composition (default: the nearest heldar.config.ts)')
    .option('--replay <time>', 'on every save, show what it changes over the last 5m, 1h, … of the log')
    .option('--no-supervise', 'do not start again by itself')
    .addOption(
      new Option('--block-limit-ms <ms>', 'how long a plugin may block the event loop')
        .argParser(Number)
        .hideHelp(),
    )
    .addOption(
      // For tests, as the one above.
      new Option('--setup-limit-ms <ms>', 'how long the setup of a plugin may take')
        .argParser(Number)
        .hideHelp(),
    )
    .action((flags: Flags) =>
      flags.supervise ? supervise({ ...flags, defaultEnvironment: 'development' }) : develop(flags),
    );
}

async function develop({ config, blockLimitMs, replay, setupLimitMs }: Flags): Promise<void> {
  const print = (line: string) => void process.stdout.write(`${line}\n`);
  const { startDevSession } = await import('../dev/dev-session.ts');
  const replayMs = replay === undefined ? undefined : readDuration('--replay', replay);
  const told = untilToldToStop();
  let restart = () => {};
  const again = new Promise<void>((resolve) => (restart = resolve));
  try {
    const session = await startDevSession({
      cwd: process.cwd(),
      env: process.env,
      print,
      ...(config === undefined ? {} : { file: config }),
      ...(setupLimitMs === undefined ? {} : { pluginLimits: { setupMs: setupLimitMs } }),
      ...(replayMs === undefined ? {} : { replayMs }),
      ...(blockLimitMs === undefined ? {} : { blockLimitMs: blockLimitMs === 0 ? null : blockLimitMs }),
      onRestartNeeded(file) {
        print(`● ${basename(file)} has changed: starting again`);
        process.exitCode = restartCode;
        restart();
      },
    });
    const running = session.kernel.plugins().filter(({ state }) => state === 'running');
    print(
      `● http://127.0.0.1:${session.kernel.address.port} with ${running.length} plugin${running.length === 1 ? '' : 's'}; waiting for saves`,
    );
    await Promise.race([told, again]);
    await session.stop();
  } finally {
    if (process.connected) process.disconnect();
  }
}
