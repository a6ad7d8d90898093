/** What must the plugin `tracker` have left? */
import type { Folded, StateRow } from './folded.ts';
import { idsOfCall } from './ids.ts';
import { detectionsOf, type FoldLog } from './log.ts';

export function foldTracker(log: FoldLog): Folded {
  const tracks = new Map<string, { camera_id: string; track_id: string; seen: number; path: number }>();
  const marks = [];
  const state: StateRow[] = [];
  for (const lane of log.lanesOf('tracker', 'tracks', 'camera')) {
    const remembered = new Map<string, { seen: number; last: number }>();
    let batches = 0;
    for (const record of lane.records) {
      if (record.kind !== 'batch' || record.cameraId === null) continue;
      batches += 1;
      for (const { track_id: trackId, bbox } of detectionsOf(record)) {
        if (trackId === null) continue;
        remembered.set(trackId, { seen: (remembered.get(trackId)?.seen ?? 0) + 1, last: batches });
        const key = `${record.cameraId} ${trackId}`;
        const row = tracks.get(key) ?? { camera_id: record.cameraId, track_id: trackId, seen: 0, path: 0 };
        row.seen += 1;
        if (Array.isArray(bbox)) row.path += Math.round((bbox[0] as number) * 1000);
        tracks.set(key, row);
      }
      for (const [trackId, { last }] of remembered) if (batches - last > 30) remembered.delete(trackId);
      if (batches % 20 !== 0) continue;
      const call = { storeId: log.storeId, plugin: 'tracker', consumer: 'tracks', lane: lane.id };
      const ids = idsOfCall({ ...call, cause: { seq: record.seq }, now: record.received });
      marks.push({ id: ids.id('mark'), camera_id: record.cameraId, batches, frame_id: record.frameId });
    }
    const own = { plugin: 'tracker', consumer: 'tracks', lane: lane.id };
    if (batches > 0) state.push({ ...own, key: 'batches', value: batches });
    for (const [trackId, value] of remembered) state.push({ ...own, key: `track/${trackId}`, value });
  }
  return { tables: { tracker_tracks: [...tracks.values()], tracker_marks: marks }, state };
}
