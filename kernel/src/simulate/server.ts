/** Who is connected, and what becomes of a connection? */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { messageOf } from '../errors.ts';
import type { Camera } from './camera.ts';
import { Connection } from './connection.ts';
import { respond } from './requests.ts';
import { RtspParser, serialiseResponse, type RtspMessage, type RtspResponse } from './rtsp-message.ts';

export interface RtspServer {
  readonly port: number;
  /** Ends all connections and sessions at once, without a goodbye. */
  cut(): Promise<void>;
  /** Refuses new connections, or accepts them again, at the same port. */
  setAccepting(accepts: boolean): Promise<void>;
  /** Ends the sessions with a goodbye, then all connections. */
  stop(): Promise<void>;
}

/** A client gets this long to take what was sent to it before the server stops. */
const lingerMs = 500;

export async function startRtspServer(camera: Camera, host: string, port: number): Promise<RtspServer> {
  const serving = new Map<Socket, Promise<void>>();
  const server = createServer((socket) => {
    const served = serve(camera, new Connection(socket, camera.maxQueuedBytes));
    serving.set(
      socket,
      served.finally(() => serving.delete(socket)),
    );
  });
  server.listen(port, host);
  await once(server, 'listening');
  server.on('error', (error) => camera.log.warn({ reason: error.message }, 'connection not accepted'));
  const { port: boundPort } = server.address() as AddressInfo;
  return {
    port: boundPort,
    async cut() {
      for (const socket of serving.keys()) socket.destroy();
      await camera.sessions.vanishAll();
      await Promise.all(serving.values());
    },
    async setAccepting(accepts) {
      if (server.listening === accepts) return;
      if (!accepts) server.close();
      else await listenAgain(server, boundPort, host);
    },
    async stop() {
      const closed = server.listening ? once(server, 'close') : null;
      server.close();
      await camera.sessions.endAll();
      for (const socket of serving.keys()) socket.destroySoon();
      const cancel = camera.clock.after(lingerMs, () =>
        serving.forEach((_served, socket) => socket.destroy()),
      );
      await Promise.all(serving.values());
      cancel();
      // A request that was being answered may have opened another.
      await camera.sessions.endAll();
      await closed;
    },
  };
}

async function listenAgain(server: Server, port: number, host: string): Promise<void> {
  const listening = once(server, 'listening');
  server.listen(port, host);
  await listening;
}

/** Never rejects: a connection that breaks is no fault of the camera. */
async function serve(camera: Camera, connection: Connection): Promise<void> {
  const parser = new RtspParser();
  try {
    for await (const chunk of connection.socket as AsyncIterable<Buffer>) {
      for (const message of parser.push(chunk)) await handle(camera, connection, message);
    }
  } catch (error) {
    camera.log.debug({ reason: messageOf(error) }, 'connection broke');
  } finally {
    connection.socket.destroy();
    connection.lose();
  }
}

async function handle(camera: Camera, connection: Connection, message: RtspMessage): Promise<void> {
  switch (message.kind) {
    case 'interleaved':
      connection.receive(message.channel);
      return;
    case 'malformed':
      camera.log.info({ reason: message.reason }, 'connection ended: not understood');
      connection.answer(serialiseResponse({ status: message.status }, undefined));
      connection.socket.destroySoon();
      return;
    case 'request': {
      if (camera.conduct.isHanging) return;
      const response = await respond(camera, connection, message).catch((error: unknown): RtspResponse => {
        camera.log.error({ method: message.method, reason: messageOf(error) }, 'request failed');
        return { status: 500 };
      });
      camera.log.debug({ method: message.method, status: response.status }, 'request');
      connection.answer(serialiseResponse(response, message.headers.get('cseq')));
    }
  }
}
