/**
 * How a group crosses to the writer thread: batches, which are nearly all of the traffic, as one flat array of primitives, because
 * structured cloning pays for every object and member name; everything else as it is.
 */
import type { BatchUnit, GroupRequest, NewEvent, Unit } from './units.ts';

export interface GroupMessage {
  readonly id: number;
  /** Of every unit, in order. */
  readonly received: readonly number[];
  /** Members of the batches, `batchWidth` each. */
  readonly batches: readonly (string | number | null)[];
  /** Batch by batch: its labels and its event. */
  readonly labels: readonly (readonly string[])[];
  readonly events: readonly (NewEvent | null)[];
  /** The other units; null where a batch stands. */
  readonly others: readonly (Exclude<Unit, BatchUnit> | null)[];
}

const batchWidth = 8;

export function packGroup({ id, units }: GroupRequest): GroupMessage {
  const received: number[] = [];
  const batches: (string | number | null)[] = [];
  const labels: (readonly string[])[] = [];
  const events: (NewEvent | null)[] = [];
  const others: (Exclude<Unit, BatchUnit> | null)[] = [];
  for (const { unit, received: at } of units) {
    received.push(at);
    if (unit.kind !== 'batch') {
      others.push(unit);
      continue;
    }
    others.push(null);
    const { incarnation, siteId, taskType, frameId, atMs, atNs, n, body } = unit;
    batches.push(incarnation, siteId, taskType, frameId, atMs, atNs, n, body);
    labels.push(unit.labels);
    events.push(unit.event);
  }
  return { id, received, batches, labels, events, others };
}

export function unpackGroup(message: GroupMessage): GroupRequest {
  let batch = 0;
  const units = message.others.map((other, index) => {
    const received = message.received[index] ?? 0;
    return { unit: other ?? unpackBatch(message, batch++), received };
  });
  return { id: message.id, units };
}

function unpackBatch({ batches, labels, events }: GroupMessage, index: number): BatchUnit {
  const at = index * batchWidth;
  const member = <Value>(offset: number) => batches[at + offset] as Value;
  return {
    kind: 'batch',
    incarnation: member<number>(0),
    siteId: member<string | null>(1),
    taskType: member<string>(2),
    frameId: member<string | null>(3),
    atMs: member<number>(4),
    atNs: member<number>(5),
    n: member<number>(6),
    body: member<string>(7),
    labels: labels[index] ?? [],
    event: events[index] ?? null,
  };
}
