/** The tables of the audit log as drizzle sees them; `migrations/` is their source, a test keeps both alike. */
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';

export const audit = sqliteTable('audit', {
  seq: integer().primaryKey(),
  id: text().notNull().unique(),
  at: integer().notNull(),
  actor: text().notNull(),
  actorName: text('actor_name'),
  role: text(),
  action: text().notNull(),
  targetType: text('target_type'),
  targetId: text('target_id'),
  cameraId: text('camera_id'),
  address: text(),
  detail: text().notNull(),
  mac: text().notNull(),
});

export const auditEnds = sqliteTable('audit_ends', {
  name: text({ enum: ['start', 'end'] }).primaryKey(),
  seq: integer().notNull(),
  mac: text().notNull(),
  signature: text().notNull(),
});
