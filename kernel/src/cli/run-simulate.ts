/** How `heldar simulate` is done: a camera that runs until it is told to stop, and misbehaves when it is told to. */
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { HeldarError, messageOf } from '../errors.ts';
import { parseAuthSchemes, type Login } from '../simulate/authentication.ts';
import { faultHelp, parseFault, parsePlannedFault, type PlannedFault } from '../simulate/fault.ts';
import type { AudioCodec } from '../simulate/media-track.ts';
import { createSimulatedCamera, type SimulatedCamera } from '../simulate/simulated-camera.ts';
import { untilToldToStop } from './signals.ts';

export interface SimulateRequest {
  readonly file: string;
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly audio?: string;
  readonly auth?: string;
  readonly fault: readonly string[];
  readonly control: boolean;
}

export async function runSimulate(request: SimulateRequest): Promise<void> {
  const { file, host, port, path } = request;
  const planned = request.fault.map(parsePlannedFault);
  // Whoever drives the camera wants to know who plays.
  const log = pino({ level: request.control ? 'info' : 'warn' }, pino.destination(2));
  const camera = createSimulatedCamera({
    file,
    host,
    port,
    path,
    log,
    ...(request.audio === undefined ? {} : { audio: readAudio(request.audio) }),
    ...(request.auth === undefined ? {} : { login: readLogin(request.auth) }),
  });
  await camera.start();
  const toldToStop = untilToldToStop();
  process.stdout.write(
    `${file} is now a camera: ${camera.url}\n` +
      `Look at it:     ffplay ${camera.url}\n` +
      `or over TCP:    ffplay -rtsp_transport tcp ${camera.url}\n` +
      (request.control ? `Faults, a line each: ${faultHelp}\n` : '') +
      'Stop it with Ctrl+C.\n',
  );
  const ending = new AbortController();
  const faults = planned.map((fault) => misbehaveLater(camera, fault, ending.signal));
  await (request.control ? Promise.race([toldToStop, takeOrders(camera, process.stdin)]) : toldToStop);
  ending.abort();
  await Promise.all(faults);
  if (request.control) process.stdin.destroy();
  await camera.stop();
}

/** Says on standard output what has happened. */
async function misbehaveLater(
  camera: SimulatedCamera,
  { fault, afterSeconds }: PlannedFault,
  signal: AbortSignal,
): Promise<void> {
  try {
    await sleep(afterSeconds * 1000, undefined, { signal });
  } catch {
    return;
  }
  await obey(camera, fault.kind, () => fault);
}

/** One order after the other; resolves when no more can come. */
async function takeOrders(camera: SimulatedCamera, orders: Readable): Promise<void> {
  for await (const line of createInterface({ input: orders }))
    if (line.trim() !== '') await obey(camera, line.trim(), () => parseFault(line));
}

async function obey(
  camera: SimulatedCamera,
  name: string,
  fault: () => ReturnType<typeof parseFault>,
): Promise<void> {
  try {
    await camera.misbehave(fault());
    process.stdout.write(`done: ${name}\n`);
  } catch (error) {
    process.stdout.write(`not done: ${name}: ${messageOf(error)}\n`);
  }
}

function readAudio(text: string): AudioCodec {
  if (text === 'g711' || text === 'aac') return text;
  throw new HeldarError('usage', `--audio ${text} is no codec of the camera. Choose g711 or aac.`);
}

/** From the environment: arguments can be read by every user of the machine. */
function readLogin(schemes: string): Login {
  const login = process.env['SIMULATED_CAMERA_LOGIN'] ?? '';
  const colon = login.indexOf(':');
  if (colon > 0)
    return {
      user: login.slice(0, colon),
      password: login.slice(colon + 1),
      schemes: parseAuthSchemes(schemes),
    };
  throw new HeldarError(
    'usage',
    '--auth needs a login. Give it as user:password in the variable SIMULATED_CAMERA_LOGIN.',
  );
}
