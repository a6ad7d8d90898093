/** How each segment gets a small still beside it, with spare time: one at a time, within a share of the processor, the newest first. */
import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@heldar/plugin-sdk';
import { delay, type Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import { writeDurably } from '../media/durable-file.ts';
import { takeStill } from '../media/still.ts';
import type { MediaTools } from '../media/tools.ts';
import type { RecordingRoots } from '../recording/roots.ts';
import { segmentsWithoutPreview } from '../store/preview-queries.ts';
import { previewPath } from '../store/segment-paths.ts';
import type { SegmentRow } from '../store/segment-queries.ts';
import type { Store } from '../store/store.ts';

export interface Previews {
  start(): void;
  stop(): Promise<void>;
}

export interface PreviewsOptions {
  readonly store: Pick<Store, 'read' | 'write'>;
  readonly roots: Pick<RecordingRoots, 'pathOf' | 'identity'>;
  readonly tools: MediaTools;
  readonly clock: Clock;
  readonly marker: string;
  /** Of one core; 0: none are made. */
  readonly cpuPercent: number;
  readonly log: Logger;
}

const widthPx = 160;
/** One takes a fraction of a second; a disk that hangs is not waited for. */
const limitMs = 20_000;
/** Between two looks for new segments. */
const idleMs = 10_000;
/** Looked at in search of one whose disk is there. */
const candidates = 50;

export function createPreviews(options: PreviewsOptions): Previews {
  const { store, roots, clock, cpuPercent, log } = options;
  const stopping = new AbortController();
  let loop: Promise<void> = Promise.resolve();

  const next = (): SegmentRow | undefined =>
    segmentsWithoutPreview(store.read, candidates).find(({ root }) => roots.identity(root) === 'ours');

  const run = async (): Promise<void> => {
    const { signal } = stopping;
    while (!signal.aborted) {
      const startedAt = clock.monotonic();
      let pauseMs = idleMs;
      try {
        const segment = next();
        if (segment !== undefined) {
          await makePreview(options, segment, signal);
          pauseMs = (clock.monotonic() - startedAt) * (100 / cpuPercent - 1);
        }
      } catch (error) {
        if (!signal.aborted) log.warn({ reason: messageOf(error) }, 'a preview could not be made');
      }
      // Cut short by `stop`, which the loop sees next.
      if (pauseMs > 0) await delay(clock, pauseMs, signal).catch(() => {});
    }
  };

  return {
    start() {
      if (cpuPercent > 0) loop = run();
    },
    async stop() {
      stopping.abort();
      await loop;
    },
  };
}

/** The file first: a row that tells of a preview is never wrong. */
async function makePreview(
  { store, roots, tools, clock, marker }: PreviewsOptions,
  { id, root, path }: SegmentRow,
  stopped: AbortSignal,
): Promise<void> {
  const folder = roots.pathOf(root);
  if (folder === undefined) return;
  const time = new AbortController();
  const cancel = clock.after(limitMs, () => time.abort());
  const signal = AbortSignal.any([stopped, time.signal]);
  const mask = (text: string) => text;
  const source = { path: join(folder, path), atS: 0, widthPx };
  const still = await takeStill({ tools, clock, marker, mask, signal, isIdle: true }, source);
  cancel();
  if (stopped.aborted) return;
  // A disk that hangs is not asked for the same again and again.
  if (!still.ok && !still.isFinal && !time.signal.aborted) throw new Error(still.reason);
  const file = join(folder, previewPath(path));
  if (still.ok) await writeDurably(file, still.jpeg);
  const isNoted = await store.write('segments.preview', { id, sizeBytes: still.ok ? still.jpeg.length : 0 });
  // The segment went meanwhile.
  if (!isNoted && still.ok) await unlink(file);
}
