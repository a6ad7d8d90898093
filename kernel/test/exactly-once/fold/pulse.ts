/** What must the plugin `pulse` have left? */
import type { Folded, FoldedEvent, Row, StateRow } from './folded.ts';
import { idsOfCall } from './ids.ts';
import type { FoldLog } from './log.ts';
import { walkLane } from './ticks.ts';

export function foldPulse(log: FoldLog): Folded {
  const rows: Row[] = [];
  const events: FoldedEvent[][] = [];
  const state: StateRow[] = [];
  for (const lane of log.lanesOf('pulse', 'pulse', 'camera')) {
    const own: FoldedEvent[] = [];
    let open = false;
    let [age, ticks] = [0, 0];
    walkLane(lane, {
      everyMs: 200,
      wants: ({ kind, type }) => kind === 'batch' && type === 'people',
      onRecord() {
        if (!open) ticks = 0;
        open = true;
        age = 0;
      },
      onTick(at) {
        if (!open) return;
        age += 1;
        ticks += 1;
        if (age === 5 || age === 10) rows.push({ camera_id: lane.cameraId, at, age });
        if (age < 10) return;
        open = false;
        const call = { storeId: log.storeId, plugin: 'pulse', consumer: 'pulse', lane: lane.id };
        const id = idsOfCall({ ...call, cause: { tick: at }, now: at }).event();
        const rest = { severity: 'info', at_ms: at, payload: { ticks }, source: 'pulse' };
        own.push({ id, camera_id: lane.cameraId, event_type: 'pulse.quiet', ...rest });
      },
    });
    events.push(own);
    const key = { plugin: 'pulse', consumer: 'pulse', lane: lane.id, key: 'open' };
    if (open) state.push({ ...key, value: { cameraId: lane.cameraId, age, ticks } });
  }
  return { tables: { pulse_ticks: rows }, events, state };
}
