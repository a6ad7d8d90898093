/** What value a text of a variable, or a value of a composition, gives a setting. */
import { isAbsolute, resolve } from 'node:path';
import { databaseUrlFor, parseDatabaseUrl } from './database-url.ts';
import type { Setting } from './settings.ts';

/** `note`: how the value differs from what was given. `refused`: why a value that fits can't be used. */
export type Reading =
  | { readonly value: unknown; readonly note?: string }
  | { readonly expected: string }
  | { readonly refused: string };

const truths = new Set(['1', 'true', 'yes', 'on']);
const falsehoods = new Set(['0', 'false', 'no', 'off']);
const logItem = /^(?:[^\s,=]+=)?(?:trace|debug|info|warn|error|off)$/i;

/** Reads the text of a variable that is not blank. Folders are relative to `folder`. */
export function readVariable(setting: Setting, text: string, folder: string): Reading {
  const trimmed = text.trim();
  switch (setting.type) {
    case 'int':
      return /^[+-]?\d+$/.test(trimmed) ? readValue(setting, Number(trimmed), folder) : unread(setting);
    case 'number':
      return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(trimmed)
        ? readValue(setting, Number(trimmed), folder)
        : unread(setting);
    case 'bool': {
      const word = trimmed.toLowerCase();
      if (truths.has(word)) return readValue(setting, true, folder);
      return falsehoods.has(word) ? readValue(setting, false, folder) : unread(setting);
    }
    case 'list': {
      const items = trimmed.split(',').map((item) => item.trim());
      return { value: items.filter((item) => item !== '') };
    }
    case 'string':
    case 'path':
    case 'program':
    case 'database':
    case 'log':
      return readValue(setting, trimmed, folder);
  }
}

/** Reads a value as a composition gives it: of the setting's own type. Folders are relative to `folder`. */
export function readValue(setting: Setting, value: unknown, folder: string): Reading {
  const reading = readType(setting, value, folder);
  if (!('value' in reading)) return reading;
  const refused = setting.refuse?.(reading.value);
  return refused ? { refused } : reading;
}

function readType(setting: Setting, value: unknown, folder: string): Reading {
  switch (setting.type) {
    case 'int':
      return Number.isSafeInteger(value) ? withinBounds(setting, value as number) : unread(setting);
    case 'number':
      return Number.isFinite(value) ? withinBounds(setting, value as number) : unread(setting);
    case 'bool':
      return typeof value === 'boolean' ? { value } : unread(setting);
    case 'list':
      return Array.isArray(value) && value.every((item) => typeof item === 'string')
        ? { value }
        : unread(setting);
    case 'string':
    case 'path':
    case 'program':
    case 'database':
    case 'log':
      return typeof value === 'string' && value.trim() !== ''
        ? readText(setting, value, folder)
        : unread(setting);
  }
}

function readText(setting: Setting, text: string, folder: string): Reading {
  switch (setting.type) {
    case 'path':
      return { value: resolve(folder, text) };
    case 'program':
      return { value: /[/\\]/.test(text) && !isAbsolute(text) ? resolve(folder, text) : text };
    case 'database': {
      const parsed = parseDatabaseUrl(text, folder);
      return 'file' in parsed ? { value: databaseUrlFor(parsed.file) } : { expected: parsed.problem };
    }
    case 'log': {
      const items = text.split(',').map((item) => item.trim());
      return items.every((item) => logItem.test(item)) ? { value: items.join(',') } : unread(setting);
    }
    default:
      return { value: text };
  }
}

function withinBounds(setting: Setting, value: number): Reading {
  const { min = -Infinity, max = Infinity } = setting;
  if (value >= min && value <= max) return { value };
  if (setting.outside === 'refuse') return unread(setting);
  return value < min
    ? { value: min, note: `raised from ${value}, the least is ${min}` }
    : { value: max, note: `lowered from ${value}, the most is ${max}` };
}

const unread = (setting: Setting): Reading => ({ expected: describeExpected(setting) });

/** What a setting takes, in words. */
export function describeExpected(setting: Setting): string {
  switch (setting.type) {
    case 'int':
      return `a whole number${describeBounds(setting)}`;
    case 'number':
      return `a number${describeBounds(setting)}`;
    case 'bool':
      return 'true or false (also 1/0, yes/no, on/off)';
    case 'list':
      return 'a list of texts';
    case 'string':
      return 'a text';
    case 'path':
      return 'a folder';
    case 'program':
      return "a program's name or path";
    case 'database':
      return 'sqlite://<path>';
    case 'log':
      return 'a level (trace, debug, info, warn, error, off) or target=level items separated by commas';
  }
}

/** ` from 2 to 3600`, ` of at least 1`, or nothing. */
function describeBounds({ min, max }: Setting): string {
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`;
  return min === undefined ? '' : ` of at least ${min}`;
}
