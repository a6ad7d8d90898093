/** How ffmpeg runs: started without secrets in sight, tied to the life of the kernel, and always ended with a result. */
import type { Readable } from 'node:stream';
import { execa } from 'execa';
import type { Clock } from '../clock.ts';
import { createStderrTail } from './stderr-tail.ts';
import type { MediaTools } from './tools.ts';

export interface MediaExit {
  readonly code: number | null;
  readonly signal: string | null;
  /** The end of what it said, masked, at most 8 KiB. */
  readonly stderr: string;
  readonly ranMs: number;
  /** `stop` was asked for before it ended. */
  readonly stopped: boolean;
  /** Why it could not be started at all, or null. */
  readonly startFailure: string | null;
}

export interface MediaProcess {
  readonly pid: number | undefined;
  readonly stdout: Readable;
  /** Never rejects. */
  readonly exited: Promise<MediaExit>;
  /** Asks it to finish: SIGINT, again after 1 s, SIGKILL after 2 s more. */
  stop(): Promise<MediaExit>;
}

export interface MediaRun {
  readonly tools: MediaTools;
  readonly program: 'ffmpeg' | 'ffprobe';
  readonly args: readonly string[];
  /** Standard input, closed after it. */
  readonly script: string;
  /** Removes credentials from a line of what the process says. */
  readonly mask: (text: string) => string;
  /** Marks the process in its environment, so that a later kernel finds it if this one crashes. */
  readonly marker: string;
  readonly clock: Clock;
  /** Gets each line that the process says, masked. */
  readonly onLine?: (line: string) => void;
}

/** Names the variable that marks children. */
export const markerVariable = 'HELDAR_CHILD_OF';
const secondSigintMs = 1000;
const sigkillMs = 3000;

export function startMedia(run: MediaRun): MediaProcess {
  const { tools, clock } = run;
  const program = tools[run.program];
  // The kernel's end, however it comes, reaches the child as the same SIGINT that `stop` sends.
  const [file, args] =
    tools.setpriv === null
      ? [program, run.args]
      : [tools.setpriv, ['--pdeathsig', 'INT', '--', program, ...run.args]];
  const tail = createStderrTail(run.mask, undefined, run.onLine);
  const startedAt = clock.monotonic();
  let stopped = false;

  const child = execa(file, args, {
    input: run.script,
    stdout: 'pipe',
    stderr: 'pipe',
    buffer: false,
    encoding: 'buffer',
    reject: false,
    forceKillAfterDelay: false,
    extendEnv: false,
    env: childEnvironment(run.marker),
  });
  child.stderr.setEncoding('utf8');
  child.stderr.on('data', (chunk: string) => tail.push(chunk));

  const exited = child.then((result): MediaExit => {
    const startFailure = child.pid === undefined ? run.mask(result.shortMessage ?? 'unknown reason') : null;
    return {
      code: result.exitCode ?? null,
      signal: result.signal ?? null,
      stderr: tail.text(),
      ranMs: clock.monotonic() - startedAt,
      stopped,
      startFailure,
    };
  });

  let ladder: Promise<MediaExit> | null = null;
  const climb = async () => {
    stopped = true;
    child.kill('SIGINT');
    const cancels = [
      clock.after(secondSigintMs, () => child.kill('SIGINT')),
      clock.after(sigkillMs, () => child.kill('SIGKILL')),
    ];
    const exit = await exited;
    for (const cancel of cancels) cancel();
    return exit;
  };

  return {
    pid: child.pid,
    stdout: child.stdout,
    exited,
    stop: () => (ladder ??= climb()),
  };
}

/** Nothing of the kernel's own environment, where secrets may stand, but what a program needs to run. */
function childEnvironment(marker: string): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
    TZ: 'UTC',
    LANG: 'C.UTF-8',
    [markerVariable]: marker,
  };
}
