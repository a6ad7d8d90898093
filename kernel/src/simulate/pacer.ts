/** When may the next packet go out? No faster than a camera's own network port would let it. */
import type { Clock } from '../clock.ts';

type Packet = readonly Buffer[];

/** 100 Mbit/s. A key frame of a megabyte sent at once would not fit a receiver's socket buffer. */
const bytesPerMs = 12_500;
const burstBytes = 32_768;

/** Keeps the order of the packets; what fits the burst goes out at once. */
export class Pacer {
  readonly #clock: Clock;
  readonly #send: (packet: Packet) => void;
  readonly #queue: Packet[] = [];
  #queuedBytes = 0;
  #creditBytes = burstBytes;
  #creditedAtMs: number;
  #cancelTimer: (() => void) | null = null;

  constructor(clock: Clock, send: (packet: Packet) => void) {
    this.#clock = clock;
    this.#send = send;
    this.#creditedAtMs = clock.monotonic();
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  push(packets: readonly Packet[]): void {
    for (const packet of packets) {
      this.#queue.push(packet);
      this.#queuedBytes += bytesOf(packet);
    }
    if (this.#cancelTimer === null) this.#sendWhatIsDue();
  }

  /** Drops what is still waiting. */
  stop(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    this.#queue.length = 0;
    this.#queuedBytes = 0;
  }

  #sendWhatIsDue(): void {
    this.#cancelTimer = null;
    const nowMs = this.#clock.monotonic();
    this.#creditBytes = Math.min(burstBytes, this.#creditBytes + (nowMs - this.#creditedAtMs) * bytesPerMs);
    this.#creditedAtMs = nowMs;
    while (this.#creditBytes > 0) {
      const packet = this.#queue.shift();
      if (packet === undefined) return;
      this.#queuedBytes -= bytesOf(packet);
      this.#creditBytes -= bytesOf(packet);
      this.#send(packet);
    }
    if (this.#queue.length > 0) this.#cancelTimer = this.#clock.after(1, () => this.#sendWhatIsDue());
  }
}

function bytesOf(packet: Packet): number {
  return packet.reduce((sum, piece) => sum + piece.length, 0);
}
