/** Does what is being written reach the disk, with its name, and is nothing left open? */
import { expect, it } from 'vitest';
import { collectingLog, type LogLine } from '../http/http-for-tests.ts';
import { createFakeClock } from '../testing/fake-clock.ts';
import { createGrowingSync } from './growing-sync.ts';

function growing() {
  const clock = createFakeClock();
  const lines: LogLine[] = [];
  const synced: string[] = [];
  const open = new Set<string>();
  const faults = new Map<string, Error>();
  const ending = new AbortController();
  const failIfFaulty = (path: string) => {
    const fault = faults.get(path);
    if (fault !== undefined) throw fault;
  };
  const sync = createGrowingSync({
    clock,
    log: collectingLog(lines),
    signal: ending.signal,
    everyMs: 1000,
    async openFile(path) {
      failIfFaulty(path);
      open.add(path);
      return {
        async datasync() {
          failIfFaulty(path);
          synced.push(path);
        },
        close: async () => void open.delete(path),
      };
    },
    async syncFolder(path) {
      failIfFaulty(path);
      synced.push(path);
    },
  });
  const fault = (path: string, code: string) => faults.set(path, Object.assign(new Error(code), { code }));
  return { clock, lines, synced, open, faults, fault, ending, sync };
}

it('syncs what grows every few seconds, a new file with its folder, and nothing that has ended', async () => {
  const { clock, lines, synced, open, fault, ending, sync } = growing();
  fault('/r/missing/1.mp4', 'ENOENT');
  fault('/r/broken/1.mp4', 'EIO');
  let file = '/r/gate/1.mp4';
  const end = sync.add(() => file);
  sync.add(() => '/r/missing/1.mp4');
  sync.add(() => '/r/broken/1.mp4');
  await clock.advance(2000);
  expect(synced).toEqual(['/r/gate/1.mp4', '/r/gate', '/r/gate/1.mp4']);
  file = '/r/gate/2.mp4';
  await clock.advance(1000);
  expect([...open]).toEqual(['/r/gate/2.mp4']);
  end();
  await clock.advance(2000);
  expect(synced.slice(3)).toEqual(['/r/gate/2.mp4', '/r/gate']);
  expect([...open]).toEqual([]);
  expect(new Set(lines.map(({ data }) => data['file']))).toEqual(new Set(['/r/broken/1.mp4']));
  ending.abort();
  expect(clock.nextDue()).toBeNull();
});

it('begins anew after a fault: the name reaches the disk later, and no file stays open', async () => {
  const { clock, synced, open, faults, fault, sync } = growing();
  fault('/r/gate', 'EIO');
  const end = sync.add(() => '/r/gate/1.mp4');
  await clock.advance(1000);
  expect({ synced: synced.splice(0), open: [...open] }).toEqual({ synced: ['/r/gate/1.mp4'], open: [] });
  faults.clear();
  await clock.advance(1000);
  expect(synced.splice(0)).toEqual(['/r/gate/1.mp4', '/r/gate']);
  fault('/r/gate/1.mp4', 'EIO');
  await clock.advance(1000);
  expect([...open]).toEqual([]);
  end();
});
