/** What do the tests of a worker have in common: a peer, a clock, a log, and the worker under test. */
import { runWorker } from '../src/worker/index.ts';
import type { Analyser, Frame, WorkerClock, WorkerOptions } from '../src/worker/index.ts';
import type { Logger } from '../src/index.ts';
import { WorkerPeer } from './worker-peer.ts';

export const EVENTS = '/api/v1/ai/events';
export const TASKS = '/api/v1/ai/tasks';

/** Waits are `speed` times as short as they say; what was asked for is kept. */
export class ScaledClock implements WorkerClock {
  readonly waitsMs: number[] = [];
  readonly #speed: number;
  readonly #changed: () => void;
  constructor(speed: number, changed: () => void) {
    this.#speed = speed;
    this.#changed = changed;
  }
  now(): number {
    return Date.now();
  }
  monotonic(): number {
    return performance.now() * this.#speed;
  }
  after(ms: number, run: () => void): () => void {
    this.waitsMs.push(ms);
    this.#changed();
    const timer = setTimeout(run, ms / this.#speed);
    return () => clearTimeout(timer);
  }
}

export interface Line {
  readonly level: string;
  readonly data: object;
  readonly message: string;
}

export class LogBook implements Logger {
  readonly lines: Line[] = [];
  readonly debug = this.#writer('debug');
  readonly info = this.#writer('info');
  readonly warn = this.#writer('warn');
  readonly error = this.#writer('error');
  readonly #changed: () => void;
  constructor(changed: () => void) {
    this.#changed = changed;
  }
  #writer(level: string) {
    return (data: object | string, message = '') => {
      this.lines.push(
        typeof data === 'string' ? { level, data: {}, message: data } : { level, data, message },
      );
      this.#changed();
    };
  }
}

/** Finds one person in each frame and remembers which frames it saw. */
export class Eyes implements Analyser {
  readonly seen: string[] = [];
  closed = 0;
  analyse(frame: Frame) {
    this.seen.push(frame.capturedAt);
    return { detections: [{ label: 'person', confidence: 0.9 }] };
  }
  close(): void {
    this.closed += 1;
  }
}

export class Harness {
  readonly peer: WorkerPeer;
  readonly stop = new AbortController();
  readonly log: LogBook;
  readonly clock: ScaledClock;
  running: Promise<void> | undefined;

  constructor(peer: WorkerPeer, speed: number) {
    this.peer = peer;
    this.log = new LogBook(() => peer.nudge());
    this.clock = new ScaledClock(speed, () => peer.nudge());
  }

  /** With a discovery every second; the worker's own pace is a matter of its tests. */
  run(options: Partial<WorkerOptions>): Promise<void> {
    this.running = runWorker({
      baseUrl: this.peer.baseUrl,
      analysers: {},
      signal: this.stop.signal,
      log: this.log,
      clock: this.clock,
      discoverEveryMs: 1000,
      ...options,
    });
    return this.running;
  }

  runWith(eyes: Analyser, options: Partial<WorkerOptions> = {}): Promise<void> {
    return this.run({ analysers: { people: () => eyes }, ...options });
  }

  async end(): Promise<void> {
    this.stop.abort();
    await this.running;
    await this.peer.stop();
  }
}

export async function startHarness(speed = 25): Promise<Harness> {
  return new Harness(await new WorkerPeer().start(), speed);
}
