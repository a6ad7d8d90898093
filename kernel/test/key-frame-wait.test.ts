/** A camera that sends nothing before its next key frame, ten seconds away, is waited for: the first attempt records. */
import { expect, test } from 'vitest';
import { delay, systemClock } from '../src/clock.ts';
import { findMediaTools } from '../src/media/tools.ts';
import { newRunId } from '../src/recording/file-names.ts';
import { recordOnce, type RunEnd } from '../src/recording/recorder.ts';
import { folderWith } from './folder-with.ts';
import { startSimulated } from './simulated-process.ts';

/** Within a GOP of 10 s there is a start a second, so one of them just behind a key frame. */
const starts = 12;
const apartMs = 900;

test(
  'recording begins with the first key frame that comes, however long it is awaited',
  { timeout: 60_000 },
  async () => {
    await using camera = await startSimulated({ footage: 'sparse' });
    using folder = folderWith({});
    const tools = await findMediaTools();
    /** Ends as soon as pictures flow. Answers how long that took, ms; null: they never did. */
    const record = async (index: number): Promise<{ end: RunEnd; afterMs: number | null }> => {
      await delay(systemClock, index * apartMs);
      const stopping = new AbortController();
      const startedAt = performance.now();
      let afterMs: number | null = null;
      const end = await recordOnce({
        url: camera.url,
        segmentSeconds: 60,
        recordAudio: false,
        folder: folder.file(`camera-${index}`),
        sync: null,
        run: newRunId(Date.now()),
        streams: null,
        tools,
        clock: systemClock,
        mask: (text) => text,
        marker: folder.path,
        allowFiles: false,
        signal: stopping.signal,
        onStreams() {},
        onStarted() {},
        onRecording() {
          afterMs = performance.now() - startedAt;
          stopping.abort();
        },
        onClosed() {},
      });
      return { end, afterMs };
    };
    const records = await Promise.all(Array.from({ length: starts }, (_, index) => record(index)));
    for (const { end, afterMs } of records) {
      expect(end).toMatchObject({ reason: 'stopped' });
      expect(afterMs).toBeLessThan(12_000);
    }
  },
);
