import { expect, it } from 'vitest';
import { collectingLog, type LogLine } from '../http/http-for-tests.ts';
import { createFakeClock } from '../testing/fake-clock.ts';
import { createGrowingSync } from './growing-sync.ts';

it('syncs what grows every few seconds, a new file with its folder, and nothing that has ended', async () => {
  const clock = createFakeClock();
  const lines: LogLine[] = [];
  const synced: string[] = [];
  const ending = new AbortController();
  const growing = createGrowingSync({
    clock,
    log: collectingLog(lines),
    signal: ending.signal,
    everyMs: 1000,
    async sync(path) {
      if (path.includes('missing')) throw Object.assign(new Error('not there'), { code: 'ENOENT' });
      if (path.includes('broken')) throw Object.assign(new Error('i/o error'), { code: 'EIO' });
      synced.push(path);
    },
  });
  let file = '/r/gate/1.mp4';
  const end = growing.add(() => file);
  growing.add(() => '/r/missing/1.mp4');
  growing.add(() => '/r/broken/1.mp4');
  await clock.advance(2000);
  expect(synced).toEqual(['/r/gate/1.mp4', '/r/gate', '/r/gate/1.mp4']);
  file = '/r/gate/2.mp4';
  await clock.advance(1000);
  end();
  await clock.advance(2000);
  expect(synced.slice(3)).toEqual(['/r/gate/2.mp4', '/r/gate']);
  expect(new Set(lines.map(({ data }) => data['file']))).toEqual(new Set(['/r/broken/1.mp4']));
  ending.abort();
  expect(clock.nextDue()).toBeNull();
});
