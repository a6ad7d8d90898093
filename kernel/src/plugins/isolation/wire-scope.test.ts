import { sql } from 'drizzle-orm';
import { SQLiteSyncDialect, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { expect, test } from 'vitest';
import { everyCamera } from '../../auth/camera-scope.ts';
import { packScope, unpackScope } from './wire-scope.ts';

const visits = sqliteTable('parking_visits', { cameraId: text('camera_id') });
const render = (condition: Parameters<SQLiteSyncDialect['sqlToQuery']>[0]) => {
  const { sql: statement, params } = new SQLiteSyncDialect().sqlToQuery(condition);
  return { statement, params };
};

test('a condition crosses with its parameters, and is about whichever column it is asked for', () => {
  const scope = {
    owns: (column: never) => sql`(${column} in (${'gate'}, ${'yard'}) or ${column} is null)`,
    includes: (id: string) => id !== 'attic',
  };
  const crossed = unpackScope(structuredClone(packScope(scope, ['attic', 'gate', 'yard'])));
  expect(render(crossed.owns(visits.cameraId))).toEqual({
    statement: '("parking_visits"."camera_id" in (?, ?) or "parking_visits"."camera_id" is null)',
    params: ['gate', 'yard'],
  });
  expect(['attic', 'gate', 'yard', 'nowhere'].filter((id) => crossed.includes(id))).toEqual(['gate', 'yard']);
});

test('no restriction stays none', () => {
  const crossed = unpackScope(
    packScope(
      everyCamera(() => true),
      ['gate'],
    ),
  );
  expect(render(crossed.owns(visits.cameraId))).toEqual({ statement: '1 = 1', params: [] });
});
