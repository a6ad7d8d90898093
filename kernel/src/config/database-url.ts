/** Which file a database URL names. */
import { isAbsolute, resolve } from 'node:path';

const expected = 'sqlite://<path>';
/** Given by tools that create the file; creating is what the kernel does anyway. */
const harmless = new Set(['mode=rwc', 'mode=rw']);

/** @returns the absolute file, or what is wrong with the URL. */
export function parseDatabaseUrl(url: string, folder: string): { file: string } | { problem: string } {
  const found = /^sqlite:(?:\/\/)?([^?]*)(?:\?(.*))?$/is.exec(url.trim());
  if (!found) return { problem: `${expected} (only SQLite is supported)` };
  const [, path = '', query] = found;
  if (path === '' || path === ':memory:') return { problem: `${expected} (the database has to be a file)` };
  if (query !== undefined && !harmless.has(query)) return { problem: `${expected} without parameters` };
  return { file: isAbsolute(path) ? path : resolve(folder, path) };
}

/** The URL of an absolute file. */
export function databaseUrlFor(file: string): string {
  return `sqlite://${file}`;
}

/** The absolute file of a URL that the configuration has accepted. */
export function databaseFileOf(url: string): string {
  return url.replace(/^sqlite:\/\//, '');
}
