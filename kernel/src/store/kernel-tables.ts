/** Which tables are the kernel's own? */
import { is } from 'drizzle-orm';
import { SQLiteTable } from 'drizzle-orm/sqlite-core';
import * as access from './access-schema.ts';
import * as audit from './audit-schema.ts';
import * as media from './media-schema.ts';
import * as schema from './schema.ts';

export const kernelTables: readonly SQLiteTable[] = Object.values({
  ...schema,
  ...media,
  ...access,
  ...audit,
}).flatMap((value: unknown) => (is(value, SQLiteTable) ? [value] : []));
