/** What does `heldar start` do? Runs the composition until it is told to stop, and starts it again without a plugin that blocked it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import type { Command } from 'commander';
import { loadConfig } from '../config/load-config.ts';
import { HeldarError } from '../errors.ts';
import { untilToldToStop } from './signals.ts';

interface Flags {
  readonly config?: string;
  readonly env?: string;
  readonly traceBoot?: boolean;
  readonly supervise: boolean;
}

export function registerStartCommand(program: Command): void {
  program
    .command('start')
    .description('run the composition until SIGTERM or Ctrl+C')
    .option('--config <file>', 'the composition (default: the nearest heldar.config.ts)')
    .option('--env <name>', 'development, production or test (default: NODE_ENV, else production)')
    .option('--trace-boot', 'print how long each step of the start took')
    .option('--no-supervise', 'do not start again after a plugin blocked the process')
    .action((flags: Flags) => (flags.supervise ? supervise(flags) : serve(flags)));
}

async function serve(flags: Flags): Promise<void> {
  const { createKernel } = await import('../kernel.ts');
  const kernel = createKernel({
    ...(flags.config === undefined ? {} : { config: flags.config }),
    ...(flags.env === undefined ? {} : { environment: flags.env }),
  });
  const told = untilToldToStop();
  await kernel.start();
  if (flags.traceBoot === true) process.stdout.write(`${kernel.bootTrace().text}\n`);
  process.send?.('started');
  await told;
  await kernel.stop();
}

/** The kernel as a child: when its watchdog ended it, it starts again; any other end is this command's end. */
async function supervise(flags: Flags): Promise<void> {
  const { settings } = await loadConfig({
    cwd: process.cwd(),
    env: process.env,
    file: flags.config,
    environment: flags.env,
  });
  const report = join(settings.dataDir, 'blocked.json');
  for (;;) {
    const { code, signal } = await runChild();
    if (signal === 'SIGKILL' && existsSync(report)) continue;
    if (signal !== null) throw new HeldarError('internal', `the kernel was ended by ${signal}`);
    process.exitCode = code ?? 1;
    return;
  }
}

function runChild(): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
  const [script = '', ...args] = process.argv.slice(1);
  const child = spawn(process.execPath, [...process.execArgv, script, ...args, '--no-supervise'], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const forward = (signal: NodeJS.Signals) => child.kill(signal);
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) process.on(signal, forward);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      for (const name of signals) process.off(name, forward);
      resolve({ code, signal });
    });
  });
}
