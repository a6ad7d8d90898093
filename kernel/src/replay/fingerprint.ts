/** Are two runs the same to the last byte? A digest of all that came of each. */
import { createHash } from 'node:crypto';
import type { Results, Value } from '../store/results-queries.ts';

/** sha256, hex, of every event, of every row of the tables that consumers wrote, and of what was parked. */
export function fingerprintOf(results: Results): string {
  const hash = createHash('sha256');
  const add = (value: unknown) => hash.update(`${JSON.stringify(value)}\n`);
  for (const event of results.events()) add(event);
  for (const { name, inserts } of results.writtenTables()) {
    add([name, inserts]);
    for (const row of results.rows(name).rows) add(row.map(jsonOf));
  }
  for (const work of results.parked()) add(work);
  return hash.digest('hex');
}

/** JSON has no place for bytes and large integers. */
export function jsonOf(value: Value): unknown {
  if (typeof value === 'bigint') return `${value}n`;
  return value instanceof Uint8Array ? { bytes: Buffer.from(value).toString('hex') } : value;
}
