/** The kernel as a child of the command: when does it start again by itself? */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Environment } from '../config/check-shape.ts';
import { HeldarError } from '../errors.ts';

interface SuperviseFlags {
  readonly config?: string;
  readonly env?: string;
  readonly defaultEnvironment?: Environment;
}

/** With this exit code a child asks to be started again. */
export const restartCode = 75;

/** When its watchdog ended it, or it asks for it, it starts again; any other end is this command's end. */
export async function supervise(flags: SuperviseFlags): Promise<void> {
  for (;;) {
    const { code, signal, told } = await runChild();
    if (code === restartCode && !told) continue;
    if (signal === 'SIGKILL' && existsSync(await reportFile(flags))) continue;
    if (signal !== null) throw new HeldarError('internal', `the kernel was ended by ${signal}`);
    process.exitCode = code === restartCode ? 0 : (code ?? 1);
    return;
  }
}

/** Read only when it is needed: the configuration costs a start its time. */
async function reportFile({ config, env, defaultEnvironment }: SuperviseFlags): Promise<string> {
  const [{ loadConfig }, { reportFileIn }] = await Promise.all([
    import('../config/load-config.ts'),
    import('../plugins/quarantine.ts'),
  ]);
  const { settings } = await loadConfig({
    cwd: process.cwd(),
    env: process.env,
    file: config,
    environment: env,
    ...(defaultEnvironment === undefined ? {} : { defaultEnvironment }),
  });
  return reportFileIn(settings.dataDir);
}

/**
 * A young generation of up to 32 MiB in each half: what a request leaves behind is mostly dead before it has to be copied.
 */
export const kernelFlags = ['--max-semi-space-size=32'] as const;

/** `told`: somebody asked this command to stop meanwhile. */
function runChild(): Promise<{ code: number | null; signal: NodeJS.Signals | null; told: boolean }> {
  const [script = '', ...args] = process.argv.slice(1);
  const child = spawn(
    process.execPath,
    [...process.execArgv, ...kernelFlags, script, ...args, '--no-supervise'],
    {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    },
  );
  let told = false;
  const forward = (signal: NodeJS.Signals) => {
    told = true;
    child.kill(signal);
  };
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) process.on(signal, forward);
  child.on('message', (message) => process.send?.(message));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      for (const name of signals) process.off(name, forward);
      resolve({ code, signal, told });
    });
  });
}
