/** A whole kernel with its media side on a simulated camera, over HTTP without a socket: what the flow tests of cameras stand on. */
import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { createSimulatedCamera, type SimulatedCamera } from '../src/simulate/simulated-camera.ts';
import { startSite, type Site } from './site-rig.ts';

export const street = fileURLToPath(new URL('../../examples/media/street.mp4', import.meta.url));

/** What a flow test gets back: parsed JSON, to be looked into. */
export type Json = Record<string, unknown>;

export interface MediaSite extends AsyncDisposable {
  readonly site: Site;
  readonly camera: SimulatedCamera;
  /** Throws unless the status is the expected one. */
  ask<Answer = Json>(method: string, path: string, body: unknown, status: number): Promise<Answer>;
  get<Answer = Json>(path: string): Promise<Answer>;
}

/** Nothing but the simulated camera is reached; it has no cameras yet. `env`: more variables. */
export async function startMediaSite(
  env: Readonly<Record<string, string>> = {},
  folder?: string,
): Promise<MediaSite> {
  const camera = createSimulatedCamera({ file: street });
  await camera.start();
  const site = await startSite(
    {},
    {
      cameras: [],
      env: {
        PATH: process.env['PATH'],
        HELDAR_API_PORT: '0',
        HELDAR_BUDGETS_ENABLED: 'false',
        HELDAR_LOG: 'debug',
        ...(folder === undefined ? {} : { HELDAR_DATA_DIR: folder }),
        ...env,
      },
    },
  );
  const ask = async <Answer>(method: string, path: string, body: unknown, status: number) => {
    const answer = await site.call(method, path, body);
    if (answer.status !== status)
      throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body as Answer;
  };
  return {
    site,
    camera,
    ask,
    get: (path) => ask('GET', path, undefined, 200),
    async [Symbol.asyncDispose]() {
      await site[Symbol.asyncDispose]();
      await camera.stop();
    },
  };
}

/** A host that takes connections and does with them as told; by default it never says a word. */
export async function startHost(
  talk: (socket: Socket) => void = () => {},
): Promise<{ port: number } & AsyncDisposable> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
    talk(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
