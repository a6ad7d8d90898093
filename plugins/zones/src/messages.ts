/** What this plugin tells the rest: its events in the journal and its control records in the log. */
import { z } from '@heldar/plugin-sdk';

const zoneEvent = z.object({
  zone_id: z.string(),
  /** The zone's name at the time. */
  zone: z.string(),
  track_id: z.string(),
  label: z.string(),
  /** Seconds inside so far; only for `zone_dwell`. */
  dwell_seconds: z.number().nullable(),
  /** URL path of the still; only for `zone_enter`. */
  evidence: z.string().nullable(),
});

export const emits = { zone_enter: zoneEvent, zone_exit: zoneEvent, zone_dwell: zoneEvent };

const zoneRecord = z.object({
  id: z.string(),
  camera_id: z.string(),
  name: z.string(),
  kind: z.string(),
  polygon: z.array(z.tuple([z.number(), z.number()])),
  dwell_seconds: z.number(),
  labels: z.array(z.string()),
  severity: z.enum(['info', 'warning', 'critical']),
  config: z.unknown(),
  enabled: z.boolean(),
  created_at: z.number(),
  updated_at: z.number(),
});

/** The whole zone after its change, or null once it is deleted; times in ms since the epoch. */
export const records = {
  zone_changed: z.object({ zone_id: z.string(), zone: zoneRecord.nullable() }),
};

type Payloads<Schemas extends Record<string, z.ZodType>> = {
  [Type in keyof Schemas]: z.output<Schemas[Type]>;
};
export type ZoneMessages = Payloads<typeof emits>;
export type ZoneRecords = Payloads<typeof records>;
export type ZoneChange = ZoneRecords['zone_changed'];
