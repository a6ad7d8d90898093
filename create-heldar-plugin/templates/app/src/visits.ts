/** From when to when was an object in view? A visit begins with the first frame and ends when none has shown it for a while. */
import { consumer, type ConsumerDefinition } from '@heldar/plugin-sdk';
import { eq } from 'drizzle-orm';
import type { Messages } from './messages.ts';
import type { Options } from './options.ts';
import { type Database, visits } from './schema.ts';

/** A visit that lasts: in the state of its camera, under its track id. Times are log times, ms since the epoch. */
interface Visit {
  readonly id: string;
  readonly label: string;
  readonly since: number;
  readonly lastAt: number;
}

export function visitConsumer(
  db: Database,
  { goneAfterSeconds }: Options,
): ConsumerDefinition<readonly string[], Messages> {
  return consumer({
    name: 'visits',
    // One lane a camera: batches come in order, and what `fx` records is committed together, or not at all.
    consume(batch, fx) {
      for (const { label, track_id: trackId } of batch.detections) {
        if (label === null || trackId === null) continue;
        const known = fx.state.get<Visit>(trackId);
        const visit = known ?? { id: fx.id('visit'), label, since: fx.now };
        fx.state.set(trackId, { ...visit, lastAt: fx.now });
        if (known === undefined) {
          const { id, since } = visit;
          fx.write(db.insert(visits).values({ id, cameraId: batch.cameraId, trackId, label, since }));
        }
      }
    },
    tick: {
      every: '1s',
      idle: 'skip',
      run(fx) {
        for (const [trackId, { id, label, since, lastAt }] of fx.state.entries<Visit>()) {
          if (fx.now - lastAt <= goneAfterSeconds * 1000) continue;
          fx.state.delete(trackId);
          fx.write(db.update(visits).set({ ended: lastAt }).where(eq(visits.id, id)));
          fx.emit('left', { visit_id: id, track_id: trackId, label, seconds: (lastAt - since) / 1000 });
        }
      },
    },
    records: {
      'camera.deleted': ({ payload }, fx) =>
        fx.write(db.delete(visits).where(eq(visits.cameraId, payload.camera_id))),
    },
  });
}
