/** `heldar simulate` in a process of its own, told to misbehave over its standard input. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { footage, isFootage, type Footage } from './footage.ts';
import { until } from './until.ts';

const heldar = fileURLToPath(new URL('../bin/heldar.mjs', import.meta.url));

/** A line of the camera's log. */
export interface CameraNote {
  /** Wall clock, ms. */
  readonly time: number;
  readonly msg: string;
  readonly codec?: string;
}

export interface SimulatedProcess extends AsyncDisposable {
  readonly url: string;
  /** What the camera has noticed: `session plays`, `first frame sent`, … */
  readonly notes: readonly CameraNote[];
  /** Commits a fault, which of `file=` names the footage; answers the wall clock, ms, once clients have been hit. */
  order(fault: string): Promise<number>;
}

export interface SimulatedProcessOptions {
  readonly footage?: Footage;
  readonly audio?: 'g711' | 'aac';
  readonly auth?: string;
  /** `user:password` */
  readonly login?: string;
}

export async function startSimulated(options: SimulatedProcessOptions = {}): Promise<SimulatedProcess> {
  const file = await footage(options.footage ?? 'street');
  const args = ['--conditions=heldar-source', heldar, 'simulate', file, '--port', '0', '--control'];
  if (options.audio !== undefined) args.push('--audio', options.audio);
  if (options.auth !== undefined) args.push('--auth', options.auth);
  const child = spawn(process.execPath, args, {
    env: { ...process.env, SIMULATED_CAMERA_LOGIN: options.login ?? '' },
    stdio: 'pipe',
  });
  const said: string[] = [];
  const notes: CameraNote[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => said.push(line));
  createInterface({ input: child.stderr }).on('line', (line) => notes.push(readNote(line)));
  const ended = once(child, 'exit');
  const url = await until('the address of the camera', () => {
    if (child.exitCode !== null)
      throw new Error(`the camera ended with ${child.exitCode}: ${notes.map(({ msg }) => msg).join('\n')}`);
    return said.map((line) => / is now a camera: (rtsp:\S+)$/.exec(line)?.[1]).find(Boolean);
  });
  return {
    url,
    notes,
    async order(fault) {
      const [, shown] = /^file=(.*)$/.exec(fault) ?? [];
      const order = isFootage(shown) ? `file=${await footage(shown)}` : fault;
      const before = said.length;
      child.stdin.write(`${order}\n`);
      const answer = await until(`an answer to ${fault}`, () =>
        said.slice(before).find((line) => line.includes('done: ')),
      );
      if (!answer.startsWith('done: ')) throw new Error(answer);
      return Date.now();
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await ended;
    },
  };
}

function readNote(line: string): CameraNote {
  return line.startsWith('{') ? (JSON.parse(line) as CameraNote) : { time: Date.now(), msg: line };
}
