/** How does a caller's view of the cameras cross? Its condition as SQL with a gap for the column, and the ids it lets through. */
import type { CameraScope } from '@heldar/plugin-sdk';
import { sql, type SQL } from 'drizzle-orm';
import { SQLiteSyncDialect, sqliteTable, text } from 'drizzle-orm/sqlite-core';

export interface WireScope {
  /** Text of the condition, in pieces: between two of them stands the column, or the next parameter. */
  readonly pieces: readonly string[];
  /** What stands between the pieces: null is the column. */
  readonly between: readonly (null | { readonly value: unknown })[];
  readonly ids: readonly string[];
}

const marker = sqliteTable('heldar_scope_marker', { camera: text('camera') });
const rendered = '"heldar_scope_marker"."camera"';
const dialect = new SQLiteSyncDialect();

export function packScope(scope: CameraScope, cameraIds: readonly string[]): WireScope {
  const query = dialect.sqlToQuery(scope.owns(marker.camera));
  const pieces: string[] = [];
  const between: (null | { value: unknown })[] = [];
  const params = query.params.values();
  let rest = query.sql;
  for (let at = nextGap(rest); at !== null; at = nextGap(rest)) {
    pieces.push(rest.slice(0, at.index));
    between.push(at.isColumn ? null : { value: params.next().value });
    rest = rest.slice(at.index + (at.isColumn ? rendered.length : 1));
  }
  return {
    pieces: [...pieces, rest],
    between,
    ids: cameraIds.filter((id) => scope.includes(id)),
  };
}

/** Conditions of the kernel quote no text, so that a question mark is always a parameter. */
function nextGap(rest: string): { index: number; isColumn: boolean } | null {
  const column = rest.indexOf(rendered);
  const parameter = rest.indexOf('?');
  if (column === -1 && parameter === -1) return null;
  const isColumn = parameter === -1 || (column !== -1 && column < parameter);
  return { index: isColumn ? column : parameter, isColumn };
}

export function unpackScope({ pieces, between, ids }: WireScope): CameraScope {
  const known = new Set(ids);
  return {
    owns(column): SQL {
      const chunks = pieces.flatMap((piece, index) => {
        const gap = between[index];
        if (gap === undefined) return [sql.raw(piece)];
        return [sql.raw(piece), gap === null ? sql`${column}` : sql`${gap.value}`];
      });
      return sql.join(chunks);
    },
    includes: (id) => known.has(id),
  };
}
