/** What can be asked about visits over HTTP? */
import { notFound, type Route, route, z } from '@heldar/plugin-sdk';
import { and, desc, eq, isNotNull, isNull } from 'drizzle-orm';
import type { Messages } from './messages.ts';
import { type Database, visits } from './schema.ts';

const visitView = z.object({
  id: z.string(),
  camera_id: z.string(),
  track_id: z.string(),
  label: z.string(),
  since: z.number(),
  ended: z.number().nullable(),
});

export function visitRoutes(db: Database): Route<Messages>[] {
  return [
    route.get('/visits', {
      summary: 'Visits, newest first',
      capability: 'view',
      scope: { rows: 'cameras' },
      query: z.object({
        open: z.stringbool().default(false),
        limit: z.coerce.number().int().min(1).max(1000).default(100),
      }),
      output: z.array(visitView),
      handle: ({ query, cameras }) =>
        db
          .select()
          .from(visits)
          .where(and(cameras.owns(visits.cameraId), query.open ? isNull(visits.ended) : undefined))
          .orderBy(desc(visits.since), desc(visits.id))
          .limit(query.limit)
          .all()
          .map(viewVisit),
    }),
    route.delete('/visits/:id', {
      summary: 'Forget a visit that is over',
      capability: 'manage_registry',
      scope: { rows: 'cameras' },
      params: z.object({ id: z.string() }),
      handle({ params: { id }, cameras, tx }) {
        const own = and(eq(visits.id, id), isNotNull(visits.ended), cameras.owns(visits.cameraId));
        if (db.select().from(visits).where(own).get() === undefined) throw notFound('visit');
        tx.write(db.delete(visits).where(eq(visits.id, id)), { expectChanges: 1 });
      },
    }),
  ];
}

function viewVisit({ cameraId, trackId, ...rest }: typeof visits.$inferSelect): z.output<typeof visitView> {
  return { ...rest, camera_id: cameraId, track_id: trackId };
}
