/** Is what is there what must be there? Rows as multisets, differences as lines. */
import type { FoldedEvent, Row } from './folded.ts';
import type { Comparison } from './summary.ts';

export interface Compared extends Comparison {
  /** For people. */
  readonly lines: readonly string[];
}

/** Differences named per thing compared; the rest is counted. */
const named = 5;

export function compareRows(what: string, expected: readonly Row[], actual: readonly Row[]): Compared {
  const balance = new Map<string, number>();
  for (const row of expected) add(balance, canonical(row), 1);
  for (const row of actual) add(balance, canonical(row), -1);
  const differing = [...balance].filter(([, count]) => count !== 0);
  const lines = differing
    .slice(0, named)
    .map(([row, count]) => `${what}: ${count > 0 ? `missing ${count}` : `${-count} too many`}: ${row}`);
  const total = `${what}: ${differing.length} rows differ; ${expected.length} should be there, ${actual.length} are`;
  return {
    what,
    expected: expected.length,
    actual: actual.length,
    differing: differing.length,
    lines: differing.length === 0 ? [] : [...lines, total],
  };
}

/** Do the events of one lane stand in the journal in the order in which they were made? */
export function compareOrder(
  events: readonly FoldedEvent[],
  positionOf: ReadonlyMap<string, number>,
): Compared {
  const lines: string[] = [];
  let last = -1;
  for (const { id, event_type: type } of events) {
    const position = positionOf.get(id) ?? last;
    if (position < last) lines.push(`journal: ${type} ${id} stands before an earlier event of its lane`);
    last = Math.max(last, position);
  }
  return {
    what: 'order of events',
    expected: 0,
    actual: 0,
    differing: lines.length,
    lines: lines.slice(0, named),
  };
}

function add(balance: Map<string, number>, key: string, n: number): void {
  balance.set(key, (balance.get(key) ?? 0) + n);
}

/** JSON with members in the order of their names. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}
