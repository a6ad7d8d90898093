/** The reader's two terminals: a shell that takes commands, and a command that goes on running beside it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { until } from '../../../kernel/test/until.ts';

export interface Terminal extends AsyncDisposable {
  /** Runs commands as they stand; answers what they print, both streams. @throws Error when the last of them fails. */
  run(commands: string): Promise<string>;
  /** Starts a command that goes on, in the shell's folder, with its variables. */
  start(command: string): Promise<void>;
  /** What that command has printed so far on standard output, and on standard error. */
  printed(): { readonly out: string; readonly err: string };
}

/** `files`: a folder for what the running command prints. */
export function openTerminal(
  cwd: string,
  files: string,
  env: Readonly<Record<string, string | undefined>>,
): Terminal {
  const shell = spawn('bash', ['--noprofile', '--norc'], { cwd, env, stdio: ['pipe', 'pipe', 'inherit'] });
  for (const name of ['out', 'err']) writeFileSync(join(files, name), '');
  const lines: string[] = [];
  createInterface({ input: shell.stdout }).on('line', (line) => lines.push(line));
  let commands = 0;
  let running: number | null = null;

  const run = async (text: string): Promise<string> => {
    const mark = `--- ${(commands += 1)} ended with`;
    const from = lines.length;
    shell.stdin.write(`{\n${text}\n} 2>&1; echo; echo "${mark} $?"\n`);
    const isEnd = (line: string) => line.startsWith(mark);
    await until(`the end of ${text}`, () => lines.slice(from).some(isEnd), 120_000);
    const printed = lines.slice(from);
    const end = printed.findIndex(isEnd);
    const output = printed.slice(0, end).join('\n').trim();
    if (printed[end] !== `${mark} 0`) throw new Error(`${text} failed; it printed:\n${output}`);
    return output;
  };
  const printed = () => ({
    out: readFileSync(join(files, 'out'), 'utf8'),
    err: readFileSync(join(files, 'err'), 'utf8'),
  });
  return {
    run,
    printed,
    async start(command) {
      const redirected = `(exec ${command}) > '${join(files, 'out')}' 2> '${join(files, 'err')}' &`;
      running = Number(await run(`${redirected}\necho $!`));
    },
    async [Symbol.asyncDispose]() {
      if (running !== null) process.kill(running, 'SIGTERM');
      shell.stdin.end(running === null ? '' : `wait ${running}\n`);
      await once(shell, 'exit');
    },
  };
}
