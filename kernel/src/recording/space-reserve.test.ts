import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createSpaceReserve, type SpaceReserve } from './space-reserve.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };
const sizeBytes = 1_500_000;
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heldar-reserve-'));
});
afterEach(() => rm(folder, { recursive: true }));

const reserveWith = (freeBytes: number): SpaceReserve =>
  createSpaceReserve({
    file: join(folder, 'reserve'),
    readDisk: () => Promise.resolve({ freeBytes, totalBytes: 1e12 }),
    log,
    sizeBytes,
  });
const full = () => Promise.reject(new Error('database or disk is full'));

it('really takes the space, once, and only where there is plenty', async () => {
  await reserveWith(4 * sizeBytes - 1).hold();
  expect(await readdir(folder)).toEqual([]);
  const reserve = reserveWith(4 * sizeBytes);
  await reserve.hold();
  const { size, blocks, mtimeMs } = await stat(join(folder, 'reserve'));
  expect(size).toBe(sizeBytes);
  expect(blocks * 512).toBeGreaterThanOrEqual(sizeBytes);
  await reserve.hold();
  expect((await stat(join(folder, 'reserve'))).mtimeMs).toBe(mtimeMs);
});

it('is given up when the disk is full, and what failed is done once more', async () => {
  const reserve = reserveWith(4 * sizeBytes);
  await reserve.hold();
  const tries: string[][] = [];
  const work = async () => {
    tries.push(await readdir(folder));
    return tries.length === 1 ? full() : 'done';
  };
  expect(await reserve.spend(work)).toBe('done');
  expect(tries).toEqual([['reserve'], []]);
  await expect(reserve.spend(full)).rejects.toThrow('disk is full');
});

it('is kept when something else is wrong', async () => {
  const reserve = reserveWith(4 * sizeBytes);
  await reserve.hold();
  await expect(reserve.spend(() => Promise.reject(new Error('no such table')))).rejects.toThrow('no such');
  expect(await readdir(folder)).toEqual(['reserve']);
});
