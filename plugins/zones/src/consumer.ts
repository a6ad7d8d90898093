/** The consumer of this plugin: turns batches, ticks and changes of zones into rows, events and stills. */
import { consumer, type ConsumerDefinition, type Effects, type Logger } from '@heldar/plugin-sdk';
import { and, eq, lte } from 'drizzle-orm';
import type { ZoneEvent } from './engine.ts';
import { maxTracks } from './forgetting.ts';
import { processBatch, processTick } from './lane.ts';
import { applyZoneChange } from './lane-state.ts';
import type { ZoneMessages, ZoneRecords } from './messages.ts';
import { type Database, zoneEvents, zones } from './schema.ts';

export function zoneConsumer(db: Database, log: Logger): ConsumerDefinition<'*', ZoneMessages, ZoneRecords> {
  return consumer({
    name: 'zones',
    consume(batch, fx) {
      const { events, evicted } = processBatch(fx.state, batch);
      for (const event of events) publish(db, fx, batch.cameraId, event);
      if (evicted > 0) {
        log.warn(
          { cameraId: batch.cameraId, evicted, maxTracks },
          'too many tracks: forgot those unseen longest',
        );
      }
    },
    tick: {
      every: '1s',
      idle: 'skip',
      run(fx) {
        const lost = processTick(fx.state, fx.now);
        if (lost) for (const event of lost.events) publish(db, fx, lost.cameraId, event);
      },
    },
    records: {
      zone_changed: ({ payload }, fx) => applyZoneChange(fx.state, payload),
      'camera.deleted': ({ payload }, fx) => deleteRows(db, fx, payload.camera_id),
    },
  });
}

function publish(db: Database, fx: Effects<ZoneMessages>, cameraId: string, event: ZoneEvent): void {
  const id = fx.id('zev');
  const evidencePath = event.type === 'enter' ? fx.keepFrame(`zoneevt_${id}.jpg`) : null;
  fx.write(
    db.insert(zoneEvents).values({
      id,
      cameraId,
      zoneId: event.zoneId,
      zoneName: event.zoneName,
      trackId: event.trackId,
      eventType: event.type,
      label: event.label,
      atMs: event.at,
      dwellSeconds: event.dwellSeconds,
      evidencePath,
      createdAt: fx.now,
    }),
  );
  const payload = {
    zone_id: event.zoneId,
    zone: event.zoneName,
    track_id: event.trackId,
    label: event.label,
    dwell_seconds: event.dwellSeconds,
    evidence: evidencePath,
  };
  fx.emit(`zone_${event.type}`, payload, { cameraId, severity: event.severity, timestamp: event.at });
}

/** Rows made later belong to a new camera under the same id. */
function deleteRows(db: Database, fx: Effects<ZoneMessages>, cameraId: string): void {
  fx.write(db.delete(zones).where(and(eq(zones.cameraId, cameraId), lte(zones.createdAt, fx.now))));
  fx.write(
    db.delete(zoneEvents).where(and(eq(zoneEvents.cameraId, cameraId), lte(zoneEvents.createdAt, fx.now))),
  );
}
