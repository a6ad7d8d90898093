/** What does `heldar simulate` do? Serves a video file as a camera until it is told to stop. */
import type { Command } from 'commander';
import { pino } from 'pino';
import { HeldarError } from '../errors.ts';
import { untilToldToStop } from './signals.ts';

interface SimulateFlags {
  readonly host: string;
  readonly port: string;
  readonly path: string;
}

export function registerSimulateCommand(program: Command): void {
  program
    .command('simulate')
    .description('serve an MP4 file (H.264 or H.265) as an RTSP camera, over and over')
    .argument('<file>', 'the MP4 file')
    .option('--host <address>', 'the address to listen on; 0.0.0.0 for all', '127.0.0.1')
    .option('--port <number>', 'the port to listen on; 0 takes a free one', '8554')
    .option('--path <path>', "the path of the camera's address", '/live')
    .action(simulate);
}

async function simulate(file: string, { host, port, path }: SimulateFlags): Promise<void> {
  // Loaded only when this command runs: the others do not need an MP4 parser.
  const { createSimulatedCamera } = await import('../simulate/simulated-camera.ts');
  const log = pino({ level: 'warn' }, pino.destination(2));
  const camera = createSimulatedCamera({ file, host, port: readPort(port), path, log });
  await camera.start();
  const toldToStop = untilToldToStop();
  process.stdout.write(
    `${file} is now a camera: ${camera.url}\n` +
      `Look at it:     ffplay ${camera.url}\n` +
      `or over TCP:    ffplay -rtsp_transport tcp ${camera.url}\n` +
      'Stop it with Ctrl+C.\n',
  );
  await toldToStop;
  await camera.stop();
}

function readPort(text: string): number {
  if (/^\d{1,5}$/.test(text)) return Number(text);
  throw new HeldarError('usage', `--port ${text} is not a number from 0 to 65535. Choose another.`);
}
