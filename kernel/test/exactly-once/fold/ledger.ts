/** What must the plugin `ledger` have left? */
import { createHash } from 'node:crypto';
import type { Folded } from './folded.ts';
import type { FoldLog } from './log.ts';

export function foldLedger(log: FoldLog): Folded {
  const entries = [];
  let hash = '';
  for (const { kind, cameraId, frameId, received } of log.records) {
    if (kind !== 'batch') continue;
    hash = createHash('sha256').update([hash, cameraId, frameId, received].join(' ')).digest('hex');
    entries.push({ n: entries.length + 1, camera_id: cameraId, frame_id: frameId, hash });
  }
  const key = { plugin: 'ledger', consumer: 'chain', lane: 0, key: 'head' };
  const state = entries.length === 0 ? [] : [{ ...key, value: { n: entries.length, hash } }];
  return { tables: { ledger_entries: entries }, state };
}
