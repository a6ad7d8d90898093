/** Which lane of which consumer does a test ask for, and what does it remember? */
import type { Json } from '@heldar/plugin-sdk';
import { HeldarError } from '../errors.ts';
import type { SqliteDatabase } from '../store/database.ts';
import { readStates } from '../store/inspection.ts';

/** `consumer`: its name, or `plugin.name`. Empty when it holds nothing. @throws HeldarError `usage` when several lanes fit. */
export function stateOf(
  db: SqliteDatabase,
  consumer: string,
  camera: string | undefined,
): Record<string, Json> {
  const rows = readStates(db).filter(
    (row) =>
      (row.consumer === consumer || `${row.plugin}.${row.consumer}` === consumer) &&
      (camera === undefined || row.camera_id === camera),
  );
  const lanes = new Set(
    rows.map((row) => `${row.plugin}.${row.consumer} of ${row.camera_id ?? 'all cameras'}`),
  );
  if (lanes.size > 1)
    throw new HeldarError(
      'usage',
      `the state of '${consumer}' is not one: there are ${[...lanes].join(', ')}; name one: host.state('plugin.consumer', 'camera')`,
    );
  return Object.fromEntries(rows.map(({ key, value }) => [key, JSON.parse(value) as Json]));
}
