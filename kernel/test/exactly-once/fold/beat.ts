/** What must the plugin `beat` have left? */
import type { Folded, Row, StateRow } from './folded.ts';
import { idsOfCall } from './ids.ts';
import type { FoldLog } from './log.ts';
import { walkLane } from './ticks.ts';

export function foldBeat(log: FoldLog): Folded {
  const rows: Row[] = [];
  const state: StateRow[] = [];
  for (const lane of log.lanesOf('beat', 'beat', 'all')) {
    let vehicles = 0;
    walkLane(lane, {
      everyMs: 1000,
      wants: ({ kind, type }) => kind === 'batch' && type === 'vehicles',
      onRecord: () => (vehicles += 1),
      onTick(at) {
        const call = { storeId: log.storeId, plugin: 'beat', consumer: 'beat', lane: lane.id };
        rows.push({ id: idsOfCall({ ...call, cause: { tick: at }, now: at }).id('beat'), at, vehicles });
      },
    });
    if (vehicles > 0)
      state.push({ plugin: 'beat', consumer: 'beat', lane: 0, key: 'vehicles', value: vehicles });
  }
  return { tables: { beat_rows: rows }, state };
}
