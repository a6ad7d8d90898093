import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

async function runWithMounts(script: string): Promise<unknown> {
  const file = fileURLToPath(new URL(script, import.meta.url));
  const { stdout } = await promisify(execFile)('unshare', [
    '-Urm',
    process.execPath,
    '--conditions=heldar-source',
    file,
  ]);
  return JSON.parse(stdout);
}

const mebibyte = 2 ** 20;
const segmentBytes = mebibyte / 2;

interface Outcome {
  readonly deleted: number;
  readonly whole: readonly string[];
  readonly without: readonly string[];
}
interface Report {
  readonly full: Outcome & { readonly freeBefore: number; readonly freeAfter: number };
  readonly readOnly: Outcome;
  readonly unmounted: Outcome;
  readonly swapped: Outcome;
  readonly back: Outcome;
}

test('on disks that are full, read-only, unmounted or swapped exactly what is due goes, and nothing else', async () => {
  const { full, readOnly, unmounted, swapped, back } = (await runWithMounts('retention-faults.ts')) as Report;
  for (const { without } of [full, readOnly, unmounted, swapped, back]) expect(without).toEqual([]);

  // Eight segments are the 4 MiB that are wanted; both cameras come to the same size, the bigger one pays.
  expect(full.freeBefore).toBeLessThan(mebibyte);
  expect(full.freeAfter).toBeGreaterThanOrEqual(4 * mebibyte);
  expect(full.freeAfter).toBeLessThan(4 * mebibyte + segmentBytes);
  expect(full.deleted).toBeLessThanOrEqual(8);
  const gone = Array.from({ length: full.deleted }, (_, n) => `a/${20 - n}.mp4`);
  expect(full.whole).toHaveLength(33 - full.deleted);
  expect(full.whole.filter((path) => gone.includes(path))).toEqual([]);

  expect([readOnly.deleted, unmounted.deleted, swapped.deleted]).toEqual([1, 1, 1]);
  for (const { whole } of [readOnly, unmounted, swapped])
    expect(whole).toEqual([...full.whole, 'b/600.mp4'].sort());

  expect(back.deleted).toBe(1);
  expect(back.whole).toEqual(full.whole);
});

test('with the database on the same full disk too, room is made all the same', async () => {
  const { without, withReserve } = (await runWithMounts('retention-full-database.ts')) as {
    without: { deleted: number; freeBytes: number };
    withReserve: { deleted: number; freeBytes: number; files: number; rows: number };
  };
  // What it is about: a database that can't grow can't note that anything goes.
  expect(without).toEqual({ deleted: 0, freeBytes: 0 });
  expect(withReserve.freeBytes).toBeGreaterThanOrEqual(24 * mebibyte);
  expect(withReserve.deleted).toBeGreaterThan(0);
  expect(withReserve.files).toBe(withReserve.rows);
});
