/** All that a plugin or a composition imports. */
export { definePlugin, isPlugin, isPluginInstance } from './define-plugin.ts';
export type {
  EventSchemas,
  Isolation,
  NoSuchContribution,
  Plugin,
  PluginDefinition,
  PluginInstance,
  PluginManifest,
  PluginSource,
} from './define-plugin.ts';
export type {
  CameraInfo,
  EarnedContext,
  Logger,
  NeedsCapability,
  PluginCapability,
  PluginContext,
} from './plugin-context.ts';
export { defineConfig, isLazyPlugin, use } from './define-config.ts';
export type {
  HeldarConfig,
  LazyPlugin,
  Overrides,
  PluginBudgets,
  PluginEntry,
  SiteSettings,
  UseOptions,
} from './define-config.ts';
export { consumer } from './consumer.ts';
export type { BatchOf, ConsumerDefinition, Consumes, Tick } from './consumer.ts';
export { isReply, reply, route } from './route.ts';
export type {
  CameraScope,
  Capability,
  DeclaredReply,
  Method,
  NoParameterInPathAndSchemas,
  Principal,
  Reply,
  Route,
  RouteDefinition,
  RouteRequest,
  Scope,
} from './route.ts';
export { every, onEvent } from './contributions.ts';
export type { Contributions, EventHandler, Health, Job, JournalEvent } from './contributions.ts';
export type { Batch, ControlRecord, Detection, KernelRecords } from './batch.ts';
export type {
  AuditNote,
  Effects,
  EmitOptions,
  KeyedState,
  NoEventsUnderEmits,
  NoTypesUnderRecords,
  Query,
  Severity,
  Statement,
  Tx,
  WriteOptions,
} from './effects.ts';
export type { Interval, Schedule } from './schedule.ts';
export type { InputOf, Json, JsonObject, OutputOf, Schema } from './schema.ts';
export { conflict, forbidden, invalid, isPluginError, notFound, PluginError, unavailable } from './errors.ts';
export type { PluginErrorCode } from './errors.ts';
export { formatRfc3339, parseRfc3339 } from './time.ts';
export type { Instant } from './time.ts';
export { z } from 'zod';
export { sql } from 'drizzle-orm/sql';
