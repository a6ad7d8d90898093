/** What must the plugin `meter` have left, and what must be parked? */
import type { Folded, ParkedRow } from './folded.ts';
import { detectionsOf, type FoldLog } from './log.ts';

export function foldMeter(log: FoldLog): Folded {
  const readings = [];
  const parked: ParkedRow[] = [];
  for (const lane of log.lanesOf('meter', 'readings', 'camera')) {
    let [n, counted, total] = [0, 0, 0];
    for (const record of lane.records) {
      if (record.kind !== 'batch') continue;
      const speeds = detectionsOf(record)
        .map(({ attributes }) => attributes['speed'])
        .filter((speed) => typeof speed === 'number' && Number.isInteger(speed)) as number[];
      const rise = speeds.reduce((sum, speed) => sum + speed, 0);
      if (rise < 0) {
        parked.push({
          plugin: 'meter',
          consumer: 'readings',
          lane: lane.id,
          kind: 'record',
          seq: record.seq,
        });
        continue;
      }
      n += 1;
      counted += speeds.length;
      total += rise;
      readings.push({ camera_id: record.cameraId, n, counted, total, rise });
    }
  }
  return { tables: { meter_readings: readings }, parked };
}
