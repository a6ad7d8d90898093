/** What must the plugin `alarms` have left: events, what its handlers made of them, and what came of its control records? */
import { compareRows, type Compared } from './compare.ts';
import type { Folded, FoldedEvent, Row, StateRow } from './folded.ts';
import { idsOfCall } from './ids.ts';
import { detectionsOf, type FoldLog, type LogRecord } from './log.ts';

/** `journal`: ids of all events, in order; which of two lanes came first is not for the log to say. */
export function foldAlarms(
  log: FoldLog,
  zoneEvents: readonly (readonly FoldedEvent[])[],
  journal: readonly string[],
): Folded {
  const events: FoldedEvent[][] = [];
  const notes: Row[] = [];
  const state: StateRow[] = [];
  for (const lane of log.lanesOf('alarms', 'watch', 'camera')) {
    const own: FoldedEvent[] = [];
    let crowdedFor = 0;
    const emit = (
      { seq, received, cameraId }: LogRecord,
      rest: Pick<FoldedEvent, 'event_type' | 'severity' | 'payload'>,
      at: number,
    ) => {
      const call = { storeId: log.storeId, plugin: 'alarms', consumer: 'watch', lane: lane.id };
      const id = idsOfCall({ ...call, cause: { seq }, now: received }).event();
      own.push({ id, camera_id: cameraId, at_ms: at, source: 'alarms', ...rest });
    };
    for (const record of lane.records) {
      const { type, cameraId, body, frameId } = record;
      if (record.kind === 'record') {
        const { event_id } = body as { event_id: string };
        if (type === 'alarms.noted')
          notes.push({ event_id, camera_id: cameraId, crowded: Number(crowdedFor > 0) });
        continue;
      }
      if (type !== 'people') continue;
      const persons = detectionsOf(record).filter((detection) => detection.label === 'person').length;
      if (crowdedFor === 0 && persons >= 3) {
        crowdedFor = 1;
        const payload = { persons, frame_id: frameId };
        emit(record, { event_type: 'alarms.crowded', severity: 'warning', payload }, record.at);
      } else if (crowdedFor > 0 && persons < 3) {
        const payload = { after_batches: crowdedFor };
        crowdedFor = 0;
        emit(record, { event_type: 'alarms.cleared', severity: 'info', payload }, record.received);
      } else if (crowdedFor > 0) crowdedFor += 1;
    }
    events.push(own);
    const key = { plugin: 'alarms', consumer: 'watch', lane: lane.id, key: 'crowded for' };
    if (crowdedFor > 0) state.push({ ...key, value: crowdedFor });
  }
  const crowded = events.flat().filter((event) => event.event_type === 'alarms.crowded');
  const tables = {
    alarms_deliveries: deliveries(crowded, journal),
    alarms_arrivals: arrivals(zoneEvents.flat()),
    alarms_notes: notes,
  };
  return { tables, events, state };
}

function deliveries(crowded: readonly FoldedEvent[], journal: readonly string[]): Row[] {
  const ids = new Set(crowded.map(({ id }) => id));
  return journal.filter((id) => ids.has(id)).map((id, index) => ({ position: index + 1, event_id: id }));
}

function arrivals(zoneEvents: readonly FoldedEvent[]): Row[] {
  const counts = new Map<string, number>();
  for (const { event_type: type, payload } of zoneEvents) {
    const { zone_id: zone } = payload as { zone_id: string };
    if (type === 'zone_enter') counts.set(zone, (counts.get(zone) ?? 0) + 1);
  }
  return [...counts].map(([zone, n]) => ({ zone_id: zone, n }));
}

/** A control record for each `crowded`, in the order of the journal: the handler's record commits with its cursor. */
export function compareNotes(log: FoldLog, { tables }: Folded): Compared {
  const actual = log.records
    .filter(({ type }) => type === 'alarms.noted')
    .map(({ body }, index) => ({ position: index + 1, event_id: (body as { event_id: string }).event_id }));
  return compareRows('records alarms.noted', tables['alarms_deliveries'] ?? [], actual);
}
