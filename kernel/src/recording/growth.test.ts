import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../clock.ts';
import { watchGrowth } from './growth.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heldar-growth-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function watched() {
  const stop = new AbortController();
  const { promise: firstGrowth, resolve: onFirstGrowth } = Promise.withResolvers<void>();
  const watch = watchGrowth({
    currentFile: () => join(folder, 'file'),
    clock: systemClock,
    signal: stop.signal,
    firstOutputMs: 700,
    stallMs: 700,
    onFirstGrowth,
  });
  return { watch, stop, firstGrowth };
}

describe('watchGrowth', () => {
  it('takes a header that does not grow for silence', async () => {
    await writeFile(join(folder, 'file'), 'header');
    const { watch } = watched();
    expect(await watch.ended).toBe('silent');
    expect(watch.lastGrowthAt).toBeNull();
  });

  it('sees growth, and its end', async () => {
    const { watch, firstGrowth } = watched();
    const writing = setInterval(() => void appendFile(join(folder, 'file'), 'more'), 50);
    await firstGrowth;
    clearInterval(writing);
    expect(await watch.ended).toBe('stalled');
    expect(Date.now() - (watch.lastGrowthAt ?? 0)).toBeGreaterThan(600);
  });

  it('ends when it is told to', async () => {
    const { watch, stop } = watched();
    stop.abort();
    expect(await watch.ended).toBe('done');
  });
});
