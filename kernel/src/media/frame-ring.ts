/** Which pictures of one sampler are at hand: those of the last seconds, in memory, within a bound. */

export interface Frame {
  /** Wall clock, ms; rises strictly within a ring, so it names the frame. */
  readonly capturedAt: number;
  readonly jpeg: Buffer;
}

export interface FrameRing {
  push(jpeg: Buffer, now: number): Frame;
  newest(now: number): Frame | undefined;
  /** The frame of exactly that time. */
  at(capturedAt: number, now: number): Frame | undefined;
  readonly sizeBytes: number;
}

export const keepFramesMs = 30_000;
const defaultMaxBytes = 16 * 1024 * 1024;

/** Frames older than 30 s are dropped whenever the ring is touched; beyond `maxBytes` the oldest go first, but never the newest. */
export function createFrameRing(options: { keepMs?: number; maxBytes?: number } = {}): FrameRing {
  const { keepMs = keepFramesMs, maxBytes = defaultMaxBytes } = options;
  let frames: Frame[] = [];
  let sizeBytes = 0;
  let lastAt = Number.NEGATIVE_INFINITY;

  const trim = (now: number) => {
    let drop = 0;
    while (drop < frames.length) {
      const frame = frames[drop];
      const isOld = frame !== undefined && now - frame.capturedAt > keepMs;
      const isTooMuch = sizeBytes > maxBytes && drop < frames.length - 1;
      if (frame === undefined || !(isOld || isTooMuch)) break;
      sizeBytes -= frame.jpeg.length;
      drop += 1;
    }
    if (drop > 0) frames = frames.slice(drop);
  };

  return {
    push(jpeg, now) {
      lastAt = Math.max(now, lastAt + 1);
      const frame = { capturedAt: lastAt, jpeg };
      frames.push(frame);
      sizeBytes += jpeg.length;
      trim(now);
      return frame;
    },
    newest(now) {
      trim(now);
      return frames.at(-1);
    },
    at(capturedAt, now) {
      trim(now);
      return frames.find((frame) => frame.capturedAt === capturedAt);
    },
    get sizeBytes() {
      return sizeBytes;
    },
  };
}
