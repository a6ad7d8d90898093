/** The zones plugin: enter, exit and dwell events from tracked detections, exactly once. */
import { definePlugin, z } from '@heldar/plugin-sdk';
import { zoneConsumer } from './consumer.ts';
import { zoneEventsRoute } from './event-routes.ts';
import { emits, records } from './messages.ts';
import { deleteOldEvents } from './retention.ts';
import { zoneRoutes } from './zone-routes.ts';

export default definePlugin({
  name: 'zones',
  config: z.object({
    eventRetentionHours: z.number().min(1).default(168).describe('how long rows of zone events are kept'),
  }),
  consumes: '*',
  emits,
  records,
  capabilities: ['events:emit', 'frames:keep'],
  migrations: './migrations',
  setup: ({ config, db, log }) => ({
    consumers: [zoneConsumer(db, log)],
    routes: [...zoneRoutes(db), zoneEventsRoute(db)],
    jobs: [deleteOldEvents(db, config.eventRetentionHours)],
  }),
});
