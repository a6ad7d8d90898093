/** What must the zones plugin have left? Told by its own oracle, which shares no code with it; here come ids, events and state. */
import {
  foldZones,
  type ExpectedEvent,
  type ExpectedZone,
  type LogRecord as OracleRecord,
} from '../../../../plugins/zones/test/oracle.ts';
import type { Folded, FoldedEvent, Row, StateRow } from './folded.ts';
import { idsOfCall, type Call, type CallIds } from './ids.ts';
import type { FoldLog, LaneOfLog } from './log.ts';

export function foldZonesPlugin(log: FoldLog): Folded {
  const rows: Row[] = [];
  const zones: ExpectedZone[] = [];
  const events: FoldedEvent[][] = [];
  const state: StateRow[] = [];
  const busy = new Set<number>();
  for (const lane of log.lanesOf('zones', 'zones', 'camera')) {
    const records = lane.records.map(forOracle);
    const folded = foldZones(records, { ticksUntil: lane.ticksUntil });
    const called = withIds(
      log.storeId,
      lane,
      folded.events,
      causesOf(records, folded.events, lane.ticksUntil),
    );
    rows.push(...called.map(({ row }) => row));
    events.push(called.map(({ event }) => event));
    zones.push(...folded.zones);
    state.push(...stateOf(lane));
    // Tracks unseen for 120 s are forgotten with the next whole second; the oracle does not tell of what is remembered.
    if (lane.ticksUntil < (lane.records.at(-1)?.received ?? 0) + 121_000) busy.add(lane.id);
  }
  return {
    tables: { zones_zones: zones as readonly object[] as readonly Row[], zones_events: rows },
    json: ['polygon', 'labels', 'config'],
    booleans: ['enabled'],
    events,
    state,
    isUntold: ({ plugin, lane, key }) => plugin === 'zones' && key.startsWith('track') && busy.has(lane),
  };
}

function forOracle({
  seq,
  kind,
  type,
  cameraId,
  at,
  received,
  body,
}: LaneOfLog['records'][number]): OracleRecord {
  return {
    seq,
    kind,
    type: type.replace(/^zones\./, ''),
    cameraId,
    at,
    received,
    body: body as OracleRecord['body'],
  };
}

/** Its id and that of its journal event count on within one call: 0 and 1, 2 and 3, … */
function withIds(
  storeId: string,
  lane: LaneOfLog,
  events: readonly ExpectedEvent[],
  causes: readonly Call['cause'][],
): { row: Row; event: FoldedEvent }[] {
  const calls = new Map<string, CallIds>();
  return events.map(({ evidence, severity, ...columns }, index) => {
    const cause = causes[index] ?? { seq: 0 };
    const key = JSON.stringify(cause);
    const call = {
      storeId,
      plugin: 'zones',
      consumer: 'zones',
      lane: lane.id,
      cause,
      now: columns.created_at,
    };
    const ids = calls.get(key) ?? idsOfCall(call);
    calls.set(key, ids);
    const id = ids.id('zev');
    const path = evidence ? `/media/snapshots/zoneevt_${id}.jpg` : null;
    const { camera_id, zone_id, zone_name, track_id, label, dwell_seconds, at_ms } = columns;
    const payload = { zone_id, zone: zone_name, track_id, label, dwell_seconds, evidence: path };
    const event = {
      id: ids.event(),
      camera_id,
      event_type: `zone_${columns.event_type}`,
      severity,
      at_ms,
      payload,
      source: 'zones',
    };
    return { row: { ...columns, id, evidence_path: path }, event };
  });
}

/** Fine enough for half a million records, coarse enough to be exact in numbers of this size. */
const fraction = 2 ** -20;

/**
 * Which record or tick each event came of. The oracle tells only its log time, which many records may share; so it is asked a second
 * time, with times moved back by less than a millisecond, the earlier records the further: then each record has a time of its own, ticks
 * alone have whole ones, and nothing that the oracle compares changes its order.
 */
function causesOf(
  records: readonly OracleRecord[],
  events: readonly ExpectedEvent[],
  ticksUntil: number,
): Call['cause'][] {
  const base = Math.floor((records[0]?.received ?? 0) / 1000) * 1000;
  const moved = records.map((record, index) => {
    const back = (records.length - index) * fraction;
    return { ...record, at: record.at - base - back, received: record.received - base - back };
  });
  const again = foldZones(moved, { ticksUntil: ticksUntil - base }).events;
  // The n-th event of a track in a zone is the same one both times.
  const ofTrack = Map.groupBy(again, ({ zone_id, track_id }) => `${zone_id} ${track_id}`);
  return events.map(({ zone_id, track_id, event_type, created_at }) => {
    const same = ofTrack.get(`${zone_id} ${track_id}`)?.shift();
    if (same?.event_type !== event_type)
      throw new Error(`cannot tell what ${zone_id} ${track_id} ${event_type} came of`);
    const back = Math.ceil(same.created_at) - same.created_at;
    if (back === 0) return { tick: created_at };
    return { seq: records[records.length - back / fraction]?.seq ?? 0 };
  });
}

/** The zones as the consumer keeps them: ids in the order of their making, and each zone, or null while it is disabled. */
function stateOf(lane: LaneOfLog): StateRow[] {
  const zones = new Map<string, ExpectedZone>();
  for (const { type, body } of lane.records) {
    if (type !== 'zones.zone_changed') continue;
    const { zone_id: id, zone } = body as { zone_id: string; zone: ExpectedZone | null };
    if (zone === null) zones.delete(id);
    else zones.set(id, zone);
  }
  const own = { plugin: 'zones', consumer: 'zones', lane: lane.id };
  if (zones.size === 0) return [];
  return [
    { ...own, key: 'zones', value: [...zones.keys()] },
    ...[...zones].map(([id, zone]) => {
      const { name, severity, polygon, labels, dwell_seconds: dwellSeconds, config, enabled } = zone;
      const confirmFrames = (config as { confirm_frames?: number }).confirm_frames ?? 2;
      const value = enabled ? { id, name, severity, polygon, labels, dwellSeconds, confirmFrames } : null;
      return { ...own, key: `zone/${id}`, value };
    }),
  ];
}
