/** What does `heldar start` do? Runs the composition until it is told to stop, and starts it again without a plugin that blocked it. */
import { existsSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { Option, type Command } from 'commander';
import { HeldarError } from '../errors.ts';
import { untilToldToStop } from './signals.ts';

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

/** The kernel as a child: when its watchdog ended it, it starts again; any other end is this command's end. */
async function supervise(flags: Flags): Promise<void> {
  for (;;) {
    const { code, signal } = await runChild();
    if (signal === 'SIGKILL' && existsSync(await reportFile(flags))) continue;
    if (signal !== null) throw new HeldarError('internal', `the kernel was ended by ${signal}`);
    process.exitCode = code ?? 1;
    return;
  }
}

/** Read only when it is needed: the configuration costs a start its time. */
async function reportFile({ config, env }: Flags): Promise<string> {
  const [{ loadConfig }, { reportFileIn }] = await Promise.all([
    import('../config/load-config.ts'),
    import('../plugins/quarantine.ts'),
  ]);
  const { settings } = await loadConfig({
    cwd: process.cwd(),
    env: process.env,
    file: config,
    environment: env,
  });
  return reportFileIn(settings.dataDir);
}

/**
 * A young generation of 64 MiB: what a request leaves behind is mostly dead before it has to be copied. Measured at full ingest load:
 * a fifth more batches a second, for about 100 MiB of memory.
 */
export const kernelFlags = ['--max-semi-space-size=64'] as const;

function runChild(): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
  const [script = '', ...args] = process.argv.slice(1);
  const child = spawn(
    process.execPath,
    [...process.execArgv, ...kernelFlags, script, ...args, '--no-supervise'],
    {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    },
  );
  const forward = (signal: NodeJS.Signals) => child.kill(signal);
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) process.on(signal, forward);
  child.on('message', (message) => process.send?.(message));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      for (const name of signals) process.off(name, forward);
      resolve({ code, signal });
    });
  });
}
