import { existsSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { folderWith } from '../../test/folder-with.ts';
import { writeBlockedReport } from '../runtime/watchdog.ts';
import { openQuarantine } from './quarantine.ts';

const report = {
  plugin: 'parking',
  label: 'parking.visits',
  place: '/site/parking/a.ts:3:1',
  blockedMs: 10_000,
  at: 5,
};

test('a report puts its plugin into quarantine until it is released', () => {
  using folder = folderWith({});
  const quarantine = openQuarantine(folder.path);
  expect(quarantine.takeReport()).toBeNull();
  writeBlockedReport(quarantine.reportFile, report);
  expect(quarantine.takeReport()).toEqual(report);
  expect(existsSync(quarantine.reportFile)).toBe(false);
  expect(openQuarantine(folder.path).entries()).toEqual([report]);
  expect(quarantine.release('gate')).toBe(false);
  expect(quarantine.release('parking')).toBe(true);
  expect(quarantine.entries()).toEqual([]);
});

test('the newest report of a plugin takes the place of the one before', () => {
  using folder = folderWith({});
  const quarantine = openQuarantine(folder.path);
  for (const at of [1, 2]) {
    writeBlockedReport(quarantine.reportFile, { ...report, at });
    quarantine.takeReport();
  }
  writeBlockedReport(quarantine.reportFile, { ...report, plugin: 'gate', label: null });
  quarantine.takeReport();
  expect(quarantine.entries()).toMatchObject([
    { plugin: 'parking', at: 2 },
    { plugin: 'gate', label: 'gate' },
  ]);
});

test('a report without a plugin, or cut off in the middle, keeps nobody out and does not stop a start', () => {
  using folder = folderWith({});
  const quarantine = openQuarantine(folder.path);
  writeBlockedReport(quarantine.reportFile, { ...report, plugin: null, label: null, place: null });
  expect(quarantine.takeReport()).toBeNull();
  writeFileSync(quarantine.reportFile, '{"plugin": "par');
  expect(quarantine.takeReport()).toBeNull();
  expect(existsSync(quarantine.reportFile)).toBe(false);
  expect(quarantine.entries()).toEqual([]);
});

test('a list that is not readable is named, with what to do', () => {
  using folder = folderWith({ 'quarantine.json': '[' });
  expect(() => openQuarantine(folder.path).entries()).toThrow(
    /^cannot read .*quarantine\.json: .*; remove it to start with an empty quarantine$/,
  );
});
