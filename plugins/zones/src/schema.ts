/** What the plugin's tables look like to code; `migrations/` holds their units and owners. */
import type { Json, PluginContext } from '@heldar/plugin-sdk';
import { integer, real, sqliteTable, text } from 'drizzle-orm/sqlite-core';

/** Reads the tables below; writes go through `fx.write` and `tx.write`. */
export type Database = PluginContext<unknown>['db'];

export type Point = readonly [x: number, y: number];

export const zones = sqliteTable('zones_zones', {
  id: text('id').primaryKey(),
  cameraId: text('camera_id').notNull(),
  name: text('name').notNull(),
  kind: text('kind').notNull(),
  polygon: text('polygon', { mode: 'json' }).$type<[x: number, y: number][]>().notNull(),
  dwellSeconds: real('dwell_seconds').notNull(),
  labels: text('labels', { mode: 'json' }).$type<string[]>().notNull(),
  severity: text('severity', { enum: ['info', 'warning', 'critical'] }).notNull(),
  config: text('config', { mode: 'json' }).$type<Json>().notNull(),
  enabled: integer('enabled', { mode: 'boolean' }).notNull(),
  createdAt: integer('created_at').notNull(),
  updatedAt: integer('updated_at').notNull(),
});

export const zoneEvents = sqliteTable('zones_events', {
  id: text('id').primaryKey(),
  cameraId: text('camera_id').notNull(),
  zoneId: text('zone_id').notNull(),
  zoneName: text('zone_name').notNull(),
  trackId: text('track_id').notNull(),
  eventType: text('event_type', { enum: ['enter', 'exit', 'dwell'] }).notNull(),
  label: text('label').notNull(),
  atMs: integer('at_ms').notNull(),
  dwellSeconds: real('dwell_seconds'),
  evidencePath: text('evidence_path'),
  createdAt: integer('created_at').notNull(),
});

export type ZoneRow = typeof zones.$inferSelect;
export type ZoneEventRow = typeof zoneEvents.$inferSelect;
