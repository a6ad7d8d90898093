/** Who was in view, where, and for how long? Visits as rows, over HTTP, and an event when one is over. */
import { definePlugin, every } from '@heldar/plugin-sdk';
import { lt } from 'drizzle-orm';
import { messages } from './messages.ts';
import { options } from './options.ts';
import { visitRoutes } from './routes.ts';
import { visits } from './schema.ts';
import { visitConsumer } from './visits.ts';

const hourMs = 3_600_000;

export default definePlugin({
  name: 'my-plugin',
  config: options,
  consumes: ['detection', 'people'],
  emits: messages,
  capabilities: ['events:emit'],
  migrations: './migrations',

  setup: ({ config, db }) => ({
    consumers: [visitConsumer(db, config)],
    routes: visitRoutes(db),
    jobs: [
      every('1h', 'forget old visits', ({ now, tx }) =>
        tx.write(db.delete(visits).where(lt(visits.ended, now - config.keepHours * hourMs))),
      ),
    ],
  }),
});
