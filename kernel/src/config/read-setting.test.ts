import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readValue, readVariable } from './read-setting.ts';
import { settingAt, settingPaths } from './settings.ts';
import type { SettingPath } from './settings.ts';

const read = (path: SettingPath, text: string) => readVariable(settingAt(path), text, '/site');
const given = (path: SettingPath, value: unknown) => readValue(settingAt(path), value, '/site');

describe('a variable', () => {
  test.each([
    ['ON', true],
    [' yes ', true],
    ['1', true],
    ['True', true],
    ['off', false],
    ['NO', false],
    ['0', false],
    ['false', false],
  ])('of a boolean takes %j', (text, value) => {
    expect(read('ai.enabled', text)).toEqual({ value });
  });

  test.each(['enabled', 'ja', 'y', '2', 'truee'])('of a boolean refuses %j', (text) => {
    expect(read('ai.enabled', text)).toEqual({ expected: 'true or false (also 1/0, yes/no, on/off)' });
  });

  test.each(['8000x', '80.5', '0x50', '1e3', '-1', '65536', '∞', '99999999999999999999'])(
    'of the port refuses %j',
    (text) => {
      expect(read('api.port', text)).toEqual({ expected: 'a whole number from 0 to 65535' });
    },
  );

  test.each(['NaN', 'Infinity', '1,5', '0x10', '1e999', 'e5', '.'])('of a number refuses %j', (text) => {
    expect(read('ai.maxTotalFps', text)).toHaveProperty('expected');
  });

  test('of a number outside of the bounds is moved to the nearest, and says so', () => {
    expect(read('ai.defaultFps', '0.05')).toEqual({ value: 0.1, note: 'raised from 0.05, the least is 0.1' });
    expect(read('ai.defaultFps', '90')).toEqual({ value: 30, note: 'lowered from 90, the most is 30' });
    expect(read('cameraDefaults.quotaGb', '-3')).toMatchObject({ value: 0 });
  });

  test('of any number with bounds is the nearest value within them', () => {
    const clamped = settingPaths.filter((path) => {
      const { type, outside } = settingAt(path);
      return (type === 'int' || type === 'number') && outside !== 'refuse';
    });
    fc.assert(
      fc.property(fc.constantFrom(...clamped), fc.integer(), (path, number) => {
        const { min = -Infinity, max = Infinity } = settingAt(path);
        const value = Math.min(max, Math.max(min, number));
        expect(read(path, String(number))).toMatchObject({ value });
      }),
    );
  });

  test('of a list is cut at commas; without items it is an empty list', () => {
    expect(read('api.corsOrigins', ' http://a , ,http://b,')).toEqual({ value: ['http://a', 'http://b'] });
    expect(read('api.corsOrigins', ',')).toEqual({ value: [] });
  });

  test('of a folder is absolute', () => {
    expect(read('recordingsDir', './rec')).toEqual({ value: '/site/rec' });
    expect(read('recordingsDir', '/mnt/disk')).toEqual({ value: '/mnt/disk' });
  });

  test('of a program is a name, or an absolute path', () => {
    expect(read('media.ffmpegBin', 'ffmpeg7')).toEqual({ value: 'ffmpeg7' });
    expect(read('media.ffmpegBin', './bin/ffmpeg')).toEqual({ value: '/site/bin/ffmpeg' });
  });

  test.each([
    ['sqlite://./data/heldar.db', 'sqlite:///site/data/heldar.db'],
    ['sqlite:///var/lib/heldar.db', 'sqlite:///var/lib/heldar.db'],
    ['sqlite:other.db?mode=rwc', 'sqlite:///site/other.db'],
  ])('of the database %s names an absolute file', (text, value) => {
    expect(read('databaseUrl', text)).toEqual({ value });
  });

  test.each(['postgres://u:p@h/d', 'sqlite://', 'sqlite::memory:', 'sqlite://a.db?mode=ro', '/var/a.db'])(
    'of the database refuses %s',
    (text) => {
      expect(read('databaseUrl', text)).toHaveProperty('expected');
    },
  );

  test('of the log takes a level and items of a target', () => {
    expect(read('log', 'info, heldar_core=debug')).toEqual({ value: 'info,heldar_core=debug' });
    expect(read('log', 'loud')).toHaveProperty('expected');
    expect(read('log', 'info,,')).toHaveProperty('expected');
  });

  test('of the sign-in is a word', () => {
    expect(read('auth.enabled', 'true')).toEqual({ value: true });
    expect(read('auth.enabled', 'false')).toEqual({ value: false });
  });
});

describe('a value of a composition', () => {
  test.each([
    ['api.port', '8000'],
    ['api.port', Number.NaN],
    ['ai.enabled', 'true'],
    ['ai.enabled', 1],
    ['api.corsOrigins', 'http://a'],
    ['api.corsOrigins', [1]],
    ['dataDir', ''],
    ['siteId', 7],
    ['api.host', null],
  ] as const)('of %s has the type of the setting: %j is refused', (path, value) => {
    expect(given(path, value)).toHaveProperty('expected');
  });

  test('that fits is taken', () => {
    expect(given('api.port', 0)).toEqual({ value: 0 });
    expect(given('api.corsOrigins', [])).toEqual({ value: [] });
  });
});
