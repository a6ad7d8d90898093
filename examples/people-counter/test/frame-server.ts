/** What does a server with two tasks look like to the worker? It hands out the given frames and keeps the batches. */
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

export interface Batch {
  readonly camera_id: string;
  readonly task_type: string;
  readonly frame_id: string;
  readonly detections: readonly {
    readonly label: string;
    readonly confidence: number;
    readonly bbox: readonly number[];
    readonly track_id: string;
  }[];
}

export const TASK_TYPES = ['people', 'detection'] as const;

export class FrameServer {
  readonly batches: Batch[] = [];
  readonly apiKeys = new Set<unknown>();
  /** Resolves once each task has posted that many batches. */
  readonly enough: Promise<void>;
  readonly #server: Server;
  readonly #handedOut = new Map<string, number>();

  constructor(frames: readonly Buffer[], batchesPerTask: number) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.enough = promise;
    const isEnough = () => TASK_TYPES.every((type) => this.batchesOf(type).length >= batchesPerTask);
    this.#server = createServer((request, response) => {
      void this.#serve(request, response, frames).then(() => isEnough() && resolve());
    });
  }

  async start(): Promise<string> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  batchesOf(type: string): Batch[] {
    return this.batches.filter(({ task_type }) => task_type === type);
  }

  async #serve(request: IncomingMessage, response: ServerResponse, frames: readonly Buffer[]): Promise<void> {
    this.apiKeys.add(request.headers['x-api-key']);
    const body = Buffer.concat((await request.toArray()) as Buffer[]).toString();
    if (request.method === 'POST') {
      this.batches.push(JSON.parse(body) as Batch);
      response.end('{"detections_ingested":1}');
    } else if (request.url === '/api/v1/ai/tasks') response.end(JSON.stringify(TASK_TYPES.map(describeTask)));
    else this.#handOut(request.url ?? '', response, frames);
  }

  /** Each frame once, in order, then the last one for ever: a sampler that waits for the worker. */
  #handOut(path: string, response: ServerResponse, frames: readonly Buffer[]): void {
    const index = Math.min(this.#handedOut.get(path) ?? 0, frames.length - 1);
    this.#handedOut.set(path, index + 1);
    const capturedAt = new Date(Date.UTC(2026, 5, 13, 8, 15, 30) + index * 250).toISOString();
    response.writeHead(200, { 'x-frame-captured-at': capturedAt, 'x-frame-age-ms': '10' });
    response.end(frames[index]);
  }
}

function describeTask(type: string): Record<string, unknown> {
  return {
    id: `ai_${type}`,
    camera_id: `cam_${type}`,
    task_type: type,
    stream_profile: 'sub',
    fps: 4,
    width: 640,
    config: {},
    frame_url: `/frame/${type}`,
  };
}
