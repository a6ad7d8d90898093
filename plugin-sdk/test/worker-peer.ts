/** What does a server look like to an AI worker? The part of the API that a worker uses, over a real socket. */
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface PeerFrame {
  jpeg: Buffer;
  capturedAt: string;
  ageMs: string;
}

export interface Delivered {
  camera_id: string;
  task_type: string;
  timestamp: string;
  frame_id?: string;
  detections: { label?: string }[];
  event?: unknown;
}

export interface SeenRequest {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  /** Parsed, of a POST. */
  batch?: Delivered;
}

/**
 * What happens to one request instead of its answer. `hang`: it is never answered; `reset`: the socket closes;
 * `lose`: it takes effect, then the socket closes.
 */
export type Fault =
  'hang' | 'reset' | 'lose' | { status: number; headers?: Record<string, string>; body?: string };

export const FRAME_PATH = '/api/v1/cameras/gate/frame?profile=sub';

export function wireTask(id: string, overrides: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id,
    camera_id: 'gate',
    task_type: 'people',
    stream_profile: 'sub',
    fps: 5,
    width: 640,
    config: {},
    frame_url: FRAME_PATH,
    ...overrides,
  };
}

export class WorkerPeer {
  tasks: unknown[] = [];
  readonly frames = new Map<string, PeerFrame>();
  /** Taken in order by requests whose path starts with the key. */
  readonly faults = new Map<string, Fault[]>();
  apiKey = '';
  readonly requests: SeenRequest[] = [];
  /** Accepted batches, a repeat of a key only once. */
  readonly accepted: Delivered[] = [];
  readonly #keys = new Set<string>();
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  readonly #watchers = new Set<() => void>();

  async start(): Promise<this> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, '127.0.0.1', resolve);
    });
    return this;
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  show(capturedAt: string, ageMs = '40', path = FRAME_PATH): void {
    this.frames.set(path, { jpeg: Buffer.from(`jpeg of ${capturedAt}`), capturedAt, ageMs });
  }

  seen(pathStart: string): SeenRequest[] {
    return this.requests.filter(({ path }) => path.startsWith(pathStart));
  }

  /** Resolves as soon as the condition holds after a request or a `nudge`; rejects at the deadline. */
  until(condition: () => boolean, what: string, deadlineMs = 10_000): Promise<void> {
    return new Promise((resolve, reject) => {
      const check = () => {
        if (!condition()) return;
        clearTimeout(deadline);
        this.#watchers.delete(check);
        resolve();
      };
      const deadline = setTimeout(() => {
        this.#watchers.delete(check);
        reject(new Error(`not within ${deadlineMs} ms: ${what}`));
      }, deadlineMs);
      this.#watchers.add(check);
      check();
    });
  }

  nudge(): void {
    for (const check of this.#watchers) check();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '';
    const text = await readText(request);
    const seen: SeenRequest = { method: request.method ?? '', path, headers: request.headers };
    if (request.method === 'POST') seen.batch = JSON.parse(text) as Delivered;
    this.requests.push(seen);
    const fault = [...this.faults].find(([start]) => path.startsWith(start))?.[1].shift();
    if (fault === 'lose' && seen.batch) this.#accept(seen.batch);
    if (fault === 'reset' || fault === 'lose') request.socket.destroy();
    else if (typeof fault === 'object') answer(response, fault.status, fault.body ?? '', fault.headers);
    else if (fault === undefined) this.#answer(seen, response);
    this.nudge();
  }

  #answer({ method, path, headers, batch }: SeenRequest, response: ServerResponse): void {
    if ((headers['x-api-key'] ?? '') !== this.apiKey) {
      return answer(response, 401, '{"error":"invalid or expired credentials"}');
    }
    if (path === '/api/v1/ai/tasks') return answer(response, 200, JSON.stringify(this.tasks));
    if (method === 'POST' && path === '/api/v1/ai/events' && batch) return this.#ingest(batch, response);
    const frame = this.frames.get(path);
    if (!frame) return answer(response, 404, '{"error":"no frame"}');
    answer(response, 200, frame.jpeg, {
      'content-type': 'image/jpeg',
      'x-frame-captured-at': frame.capturedAt,
      'x-frame-age-ms': frame.ageMs,
    });
  }

  #ingest(batch: Delivered, response: ServerResponse): void {
    if (batch.detections.length > 1000) return answer(response, 400, '{"error":"too many detections"}');
    const reply = this.#accept(batch)
      ? { detections_ingested: batch.detections.length }
      : { detections_ingested: 0, duplicate: true };
    answer(response, 200, JSON.stringify(reply));
  }

  /** False for a repeat. */
  #accept(batch: Delivered): boolean {
    const key = batch.frame_id === undefined ? null : `${batch.camera_id} ${batch.frame_id}`;
    if (key !== null && this.#keys.has(key)) return false;
    if (key !== null) this.#keys.add(key);
    this.accepted.push(batch);
    return true;
  }
}

function answer(
  response: ServerResponse,
  status: number,
  body: string | Buffer,
  headers: Record<string, string> = { 'content-type': 'application/json' },
): void {
  response.writeHead(status, headers).end(body);
}

async function readText(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return text;
}
