/** The tables of people, sessions and keys as drizzle sees them; `migrations/` is their source, a test keeps both alike. */
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';

const flag = (name: string) => integer(name, { mode: 'boolean' });
const role = () => text({ enum: ['admin', 'manager', 'guard', 'viewer', 'integration'] }).notNull();
const names = (name: string) => text(name, { mode: 'json' }).$type<readonly string[] | null>();

export const users = sqliteTable('users', {
  id: text().primaryKey(),
  username: text().notNull(),
  usernameKey: text('username_key').notNull().unique(),
  displayName: text('display_name'),
  role: role(),
  active: flag('active').notNull(),
  passwordHash: text('password_hash').notNull(),
  cameras: names('cameras'),
  createdAt: integer('created_at').notNull(),
  updatedAt: integer('updated_at').notNull(),
  issuer: text(),
  subject: text(),
});

export const userSessions = sqliteTable('user_sessions', {
  tokenHash: text('token_hash').primaryKey(),
  id: text().notNull().unique(),
  userId: text('user_id').notNull(),
  createdAt: integer('created_at').notNull(),
  expiresAt: integer('expires_at').notNull(),
  lastUsedAt: integer('last_used_at').notNull(),
  address: text(),
  userAgent: text('user_agent'),
});

export const apiKeys = sqliteTable('api_keys', {
  id: text().primaryKey(),
  name: text().notNull(),
  keyPrefix: text('key_prefix').notNull(),
  keyHash: text('key_hash').notNull().unique(),
  oldKeyHash: text('old_key_hash').unique(),
  oldKeyUntil: integer('old_key_until'),
  role: role(),
  grants: names('grants'),
  cameras: names('cameras'),
  active: flag('active').notNull(),
  expiresAt: integer('expires_at'),
  lastUsedAt: integer('last_used_at'),
  createdBy: text('created_by').notNull(),
  createdAt: integer('created_at').notNull(),
  revokedAt: integer('revoked_at'),
});
