/** The load: workers that post frames until each is acknowledged, some of them twice, and note what they were told. */
import { setTimeout } from 'node:timers/promises';
import { cameras, makeFrame, type Frame } from './frames.ts';
import type { PersistentClient } from './persistent-client.ts';
import type { ProofClock } from './proof-clock.ts';
import { randomOf, type Random } from './random.ts';

/** One batch as its worker knows it. */
export interface SentBatch {
  readonly frame: Frame;
  /** Capture time, RFC 3339. */
  readonly timestamp: string;
  /** Answers 2xx that did not say `duplicate`. */
  acceptedAs: number;
  /** Answers 2xx that said `duplicate`. */
  duplicates: number;
}

export interface Load {
  /** By frame id. Complete, and all acknowledged, once `finished` has resolved. */
  readonly sent: ReadonlyMap<string, SentBatch>;
  /** What a worker was told that it should not have been. */
  readonly problems: readonly string[];
  /** No new frame is begun. */
  end(): void;
  readonly finished: Promise<void>;
}

export interface LoadOptions {
  readonly client: PersistentClient;
  readonly clock: ProofClock;
  readonly seed: string;
  readonly workersPerCamera: number;
  /** Real time a worker rests between two frames, ms. */
  readonly restMs: readonly [least: number, most: number];
}

/** How many frames are sent again, though they were or will be acknowledged. */
const shareSentTwice = 0.1;

export function startLoad(options: LoadOptions): Load {
  const sent = new Map<string, SentBatch>();
  const problems: string[] = [];
  const state = { ending: false };
  const next = new Map<string, number>();

  const post = async (batch: SentBatch) => {
    const { status, body } = await options.client.send('POST', '/api/v1/ai/events', {
      ...batch.frame,
      timestamp: batch.timestamp,
    });
    const { frame_id: id, detections } = batch.frame;
    const { detections_ingested: n, duplicate } = body as {
      detections_ingested?: number;
      duplicate?: boolean;
    };
    if (status !== 200) problems.push(`${id}: answered ${status} ${JSON.stringify(body)}`);
    else if (duplicate === true) batch.duplicates += 1;
    else {
      batch.acceptedAs += 1;
      if (n !== detections.length) problems.push(`${id}: ${n} of ${detections.length} detections were taken`);
      if (batch.acceptedAs > 1) problems.push(`${id}: was taken as new twice`);
    }
  };

  const work = async (camera: string, random: Random) => {
    while (!state.ending) {
      const number = next.get(camera) ?? 0;
      next.set(camera, number + 1);
      const frame = makeFrame(options.seed, camera, number);
      const timestamp = new Date(options.clock.now() - random.whole(0, 300)).toISOString();
      const batch: SentBatch = { frame, timestamp, acceptedAs: 0, duplicates: 0 };
      sent.set(frame.frame_id, batch);
      if (random.next() >= shareSentTwice) await post(batch);
      else if (random.next() < 0.5) await Promise.all([post(batch), post(batch)]);
      else {
        await post(batch);
        const before = batch.duplicates;
        await post(batch);
        if (batch.duplicates === before)
          problems.push(`${frame.frame_id}: sent again, it was not a duplicate`);
      }
      await setTimeout(random.whole(...options.restMs));
    }
  };

  const workers = cameras.flatMap((camera) =>
    Array.from({ length: options.workersPerCamera }, (_, index) =>
      work(camera, randomOf(options.seed, 'worker', camera, index)),
    ),
  );
  return {
    sent,
    problems,
    end() {
      state.ending = true;
    },
    finished: Promise.all(workers).then(() => undefined),
  };
}
