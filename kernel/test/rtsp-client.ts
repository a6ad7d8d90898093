/** An RTSP client for tests that speaks byte by byte, and so can also say what no real client would. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface Answer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

export interface Packet {
  readonly channel: number;
  readonly data: Buffer;
}

export interface Rtp {
  readonly marker: boolean;
  readonly payloadType: number;
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
  readonly payload: Buffer;
}

export class RtspClient {
  readonly socket: Socket;
  readonly answers: Answer[] = [];
  readonly packets: Packet[] = [];
  #pending = Buffer.alloc(0);
  #cseq = 0;
  readonly #waiting = new Set<() => void>();

  static async connect(url: string): Promise<RtspClient> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    return new RtspClient(socket);
  }

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk) => this.#take(chunk));
    // A server that drops the connection is seen as its end.
    socket.on('error', () => socket.destroy());
  }

  send(text: string): void {
    this.socket.write(text.replaceAll('\n', '\r\n'));
  }

  /** Sends one request and waits for its answer. */
  async request(
    method: string,
    uri: string,
    headers: Record<string, string> = {},
    body = '',
  ): Promise<Answer> {
    this.#cseq += 1;
    const all = {
      CSeq: String(this.#cseq),
      ...headers,
      ...(body ? { 'Content-Length': String(body.length) } : {}),
    };
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\n`);
    const expected = this.answers.length + 1;
    this.send(`${method} ${uri} RTSP/1.0\n${lines.join('')}\n${body}`);
    await this.until(() => this.answers.length >= expected, `an answer to ${method}`);
    const answer = this.answers[expected - 1];
    if (answer === undefined) throw new Error('an answer vanished');
    return answer;
  }

  /** Waits until the condition holds; it is looked at whenever something arrives. */
  async until(condition: () => boolean, what: string, deadlineMs = 10_000): Promise<void> {
    const deadline = AbortSignal.timeout(deadlineMs);
    while (!condition()) {
      if (deadline.aborted) throw new Error(`${what} did not come within ${deadlineMs} ms`);
      await new Promise<void>((resolve) => {
        const wake = () => {
          this.#waiting.delete(wake);
          deadline.removeEventListener('abort', wake);
          resolve();
        };
        this.#waiting.add(wake);
        deadline.addEventListener('abort', wake, { once: true });
      });
    }
  }

  /** RTP packets of a channel so far. */
  rtp(channel = 0): Rtp[] {
    return this.packets.filter((packet) => packet.channel === channel).map((packet) => readRtp(packet.data));
  }

  close(): void {
    this.socket.destroy();
  }

  #take(chunk: Buffer): void {
    this.#pending = Buffer.concat([this.#pending, chunk]);
    while (this.#takeOne());
    for (const wake of this.#waiting) wake();
  }

  #takeOne(): boolean {
    if (this.#pending[0] === 0x24) {
      if (this.#pending.length < 4) return false;
      const end = 4 + this.#pending.readUInt16BE(2);
      if (this.#pending.length < end) return false;
      this.packets.push({ channel: this.#pending.readUInt8(1), data: this.#pending.subarray(4, end) });
      this.#pending = this.#pending.subarray(end);
      return true;
    }
    const headEnd = this.#pending.indexOf('\r\n\r\n');
    if (headEnd === -1) return false;
    const [statusLine = '', ...lines] = this.#pending.toString('utf8', 0, headEnd).split('\r\n');
    const headers = new Map(lines.map((line) => splitHeader(line)));
    const end = headEnd + 4 + Number(headers.get('content-length') ?? 0);
    if (this.#pending.length < end) return false;
    const body = this.#pending.toString('utf8', headEnd + 4, end);
    this.answers.push({ status: Number(statusLine.split(' ')[1]), headers, body });
    this.#pending = this.#pending.subarray(end);
    return true;
  }
}

export function readRtp(packet: Buffer): Rtp {
  const second = packet.readUInt8(1);
  return {
    marker: (second & 0x80) !== 0,
    payloadType: second & 0x7f,
    sequence: packet.readUInt16BE(2),
    timestamp: packet.readUInt32BE(4),
    ssrc: packet.readUInt32BE(8),
    payload: packet.subarray(12),
  };
}

/** Packet types of an RTCP compound packet. */
export function rtcpTypes(compound: Buffer): number[] {
  const types: number[] = [];
  for (
    let position = 0;
    position < compound.length;
    position += 4 + compound.readUInt16BE(position + 2) * 4
  ) {
    types.push(compound.readUInt8(position + 1));
  }
  return types;
}

function splitHeader(line: string): [string, string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}
