/** Which flags does `heldar simulate` have? */
import type { Command } from 'commander';
import { HeldarError } from '../errors.ts';

interface SimulateFlags {
  readonly host: string;
  readonly port: string;
  readonly path: string;
  readonly audio?: string;
  readonly auth?: string;
  readonly fault: readonly string[];
  readonly control?: true;
}

export function registerSimulateCommand(program: Command): void {
  program
    .command('simulate')
    .description('serve an MP4 file (H.264 or H.265) as an RTSP camera, over and over')
    .argument('<file>', 'the MP4 file')
    .option('--host <address>', 'the address to listen on; 0.0.0.0 for all', '127.0.0.1')
    .option('--port <number>', 'the port to listen on; 0 takes a free one', '8554')
    .option('--path <path>', "the path of the camera's address", '/live')
    .option('--audio <codec>', 'give the camera sound: g711 or aac')
    .option(
      '--auth <schemes>',
      'ask for the login in SIMULATED_CAMERA_LOGIN (user:password): basic, digest-md5, digest-sha256, or several with commas',
    )
    .option(
      '--fault <fault>',
      'misbehave, as in drop@10: what, and after how many seconds; may be repeated',
      (value: string, before: readonly string[]) => [...before, value],
      [],
    )
    .option('--control', 'take a fault a line from standard input, and stop at its end')
    .action(simulate);
}

async function simulate(file: string, flags: SimulateFlags): Promise<void> {
  // Loaded only when this command runs: the others do not need an MP4 parser.
  const { runSimulate } = await import('./run-simulate.ts');
  await runSimulate({ ...flags, file, port: readPort(flags.port), control: flags.control === true });
}

function readPort(text: string): number {
  if (/^\d{1,5}$/.test(text)) return Number(text);
  throw new HeldarError('usage', `--port ${text} is not a number from 0 to 65535. Choose another.`);
}
