/** The routes over zones: list, create, change, delete. Each change also goes to the log, where the consumer sees it. */
import { type AuditNote, invalid, notFound, type Route, route, z } from '@heldar/plugin-sdk';
import { and, asc, eq, type SQL } from 'drizzle-orm';
import type { ZoneMessages, ZoneRecords } from './messages.ts';
import { type Database, type ZoneRow, zones } from './schema.ts';
import { recordZone, viewZone, zoneView } from './views.ts';
import { maxZonesPerCamera, mergeZone, newZone, newZoneBody, zoneChangesBody } from './zone-input.ts';

const cameraParams = z.object({ id: z.string() });
const zoneParams = z.object({ zone_id: z.string() });

export function zoneRoutes(db: Database): Route<ZoneMessages, ZoneRecords>[] {
  return [listZones(db), createZone(db), changeZone(db), deleteZone(db)];
}

function listZones(db: Database): Route<ZoneMessages, ZoneRecords> {
  return route.get('/api/v1/cameras/:id/zones', {
    summary: 'Zones of a camera, oldest first',
    capability: 'view',
    scope: { camera: 'params.id' },
    params: cameraParams,
    output: z.array(zoneView),
    handle: ({ params }) =>
      db
        .select()
        .from(zones)
        .where(eq(zones.cameraId, params.id))
        .orderBy(asc(zones.createdAt), asc(zones.id))
        .all()
        .map(viewZone),
  });
}

function createZone(db: Database): Route<ZoneMessages, ZoneRecords> {
  return route.post('/api/v1/cameras/:id/zones', {
    summary: 'Create a zone on a camera',
    capability: 'manage_registry',
    scope: { camera: 'params.id' },
    params: cameraParams,
    body: newZoneBody,
    output: zoneView,
    status: 201,
    handle({ params, body, tx }) {
      const fields = newZone(body);
      const others = db.select({ id: zones.id }).from(zones).where(eq(zones.cameraId, params.id)).all();
      if (others.length >= maxZonesPerCamera)
        throw invalid('camera', `has ${maxZonesPerCamera} zones, the most allowed`);
      const row: ZoneRow = {
        ...fields,
        id: tx.id('zone'),
        cameraId: params.id,
        createdAt: tx.now,
        updatedAt: tx.now,
      };
      tx.write(db.insert(zones).values(row));
      tx.record('zone_changed', { zone_id: row.id, zone: recordZone(row) }, { cameraId: row.cameraId });
      const { cameraId, name, kind } = row;
      tx.audit({ ...note('create_zone', row), detail: { camera_id: cameraId, name, kind } });
      return viewZone(row);
    },
  });
}

function changeZone(db: Database): Route<ZoneMessages, ZoneRecords> {
  return route.patch('/api/v1/zones/:zone_id', {
    summary: 'Change a zone',
    capability: 'manage_registry',
    scope: { rows: 'cameras' },
    params: zoneParams,
    body: zoneChangesBody,
    output: zoneView,
    handle({ params, body, cameras, tx }) {
      const old = findZone(db, params.zone_id, cameras.owns(zones.cameraId));
      const fields = mergeZone(old, body);
      // updated_at is the row's version: two edits of one row never carry the same.
      const row: ZoneRow = { ...old, ...fields, updatedAt: Math.max(tx.now, old.updatedAt + 1) };
      tx.write(
        db
          .update(zones)
          .set({ ...fields, updatedAt: row.updatedAt })
          .where(and(eq(zones.id, old.id), eq(zones.updatedAt, old.updatedAt))),
        { expectChanges: 1 },
      );
      tx.record('zone_changed', { zone_id: row.id, zone: recordZone(row) }, { cameraId: row.cameraId });
      tx.audit(note('update_zone', row));
      return viewZone(row);
    },
  });
}

function deleteZone(db: Database): Route<ZoneMessages, ZoneRecords> {
  return route.delete('/api/v1/zones/:zone_id', {
    summary: 'Delete a zone; its events stay',
    capability: 'manage_registry',
    scope: { rows: 'cameras' },
    params: zoneParams,
    handle({ params, cameras, tx }) {
      const old = findZone(db, params.zone_id, cameras.owns(zones.cameraId));
      tx.write(db.delete(zones).where(eq(zones.id, old.id)));
      tx.record('zone_changed', { zone_id: old.id, zone: null }, { cameraId: old.cameraId });
      tx.audit(note('delete_zone', old));
    },
  });
}

function note(action: string, { id, cameraId }: ZoneRow): AuditNote {
  return { action, target: 'zone', targetId: id, cameraId };
}

function findZone(db: Database, id: string, owned: SQL): ZoneRow {
  const row = db
    .select()
    .from(zones)
    .where(and(eq(zones.id, id), owned))
    .get();
  if (!row) throw notFound('zone');
  return row;
}
