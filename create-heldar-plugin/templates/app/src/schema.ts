/** The plugin's tables, as the migrations make them. */
import type { PluginContext } from '@heldar/plugin-sdk';
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';

/** Times in ms since the epoch. */
export const visits = sqliteTable('my_plugin_visits', {
  id: text().primaryKey(),
  cameraId: text('camera_id').notNull(),
  trackId: text('track_id').notNull(),
  label: text().notNull(),
  since: integer().notNull(),
  /** null while it lasts. */
  ended: integer(),
});

/** Reads; writing goes through `fx.write` and `tx.write`. */
export type Database = PluginContext<unknown>['db'];
