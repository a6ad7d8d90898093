/** What is not the same in two results of a plugin? Events by their derived ids, rows by their keys. */
import type { ConsumerEvent, Results, TableShape } from '../store/results-queries.ts';
import { jsonOf } from './fingerprint.ts';
import { timeOfId } from './id-time.ts';

/** `before`: what production recorded, or an earlier run. `after`: the replay. */
export interface Differences<Item> {
  readonly same: number;
  /** The same but for their id: ids count on within a call, so one that is left out gives those behind it another. */
  readonly renumbered: number;
  /** Only before. */
  readonly missing: readonly Item[];
  /** Only after. */
  readonly extra: readonly Item[];
  readonly changed: readonly { readonly before: Item; readonly after: Item }[];
}

export type Row = Readonly<Record<string, unknown>>;

export interface Difference {
  readonly same: boolean;
  readonly events: Differences<ConsumerEvent>;
  /** Of each table that consumers write, by name. */
  readonly tables: readonly ({ readonly name: string } & Differences<Row>)[];
}

/** Log time, ms, both ends included. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

export const allTime: Range = { from: 0, to: Number.MAX_SAFE_INTEGER };

/**
 * Compares what came of consumers inside a range of log time. The time of a row is that of the first id in its key that `fx.id`
 * made; a row without one is compared whatever the range.
 *
 * @param isComparable of an event; those it refuses are left out on both sides.
 */
export function differenceOf(
  before: Results,
  after: Results,
  range: Range = allTime,
  isComparable: (event: ConsumerEvent) => boolean = () => true,
): Difference {
  const isInside = (ids: readonly unknown[]) => {
    const time = ids.map(timeOfId).find((found) => found !== null) ?? null;
    return time === null || (time >= range.from && time <= range.to);
  };
  const events = compare<ConsumerEvent>(before.events(), after.events(), {
    keyOf: ({ id }) => id,
    contentOf: (event) => ({ ...event, id: null }),
    isWanted: (event) => isInside([event.id]) && isComparable(event),
  });
  const names = new Set([...before.writtenTables(), ...after.writtenTables()].map(({ name }) => name));
  const tables = [...names].sort().map((name) => {
    const shape = after.shapeOf(name) ?? before.shapeOf(name) ?? noShape;
    const key = shape.key.length > 0 ? shape.key : shape.columns;
    const idsOf = (row: Row) => key.map((column) => row[column]);
    return {
      name,
      ...compare(rowsOf(before, name, shape), rowsOf(after, name, shape), {
        keyOf: (row) => JSON.stringify(idsOf(row)),
        contentOf: (row) =>
          Object.fromEntries(
            Object.entries(row).filter(
              ([column, value]) => !key.includes(column) || timeOfId(value) === null,
            ),
          ),
        isWanted: (row) => isInside(idsOf(row)),
      }),
    };
  });
  return { same: [events, ...tables].every(isNothing), events, tables };
}

const noShape: TableShape = { columns: [], key: [], numbered: null };

function isNothing({ renumbered, missing, extra, changed }: Differences<unknown>): boolean {
  return renumbered + missing.length + extra.length + changed.length === 0;
}

/** Rows as objects, without the number that SQLite gave them. */
function* rowsOf(results: Results, table: string, { numbered }: TableShape): Generator<Row> {
  const { columns, rows } = results.rows(table);
  for (const values of rows) {
    const row: Record<string, unknown> = {};
    for (const [index, column] of columns.entries())
      if (column !== numbered) row[column] = jsonOf(values[index] ?? null);
    yield row;
  }
}

interface Rules<Item> {
  keyOf(item: Item): string;
  /** All that it says but the ids that were made for it. */
  contentOf(item: Item): unknown;
  isWanted(item: Item): boolean;
}

/**
 * Items of the same key that say the same cancel out, one for one; then those that say the same under another id; of what is left,
 * those of the same key are changed.
 */
function compare<Item>(
  before: Iterable<Item>,
  after: Iterable<Item>,
  { keyOf, contentOf, isWanted }: Rules<Item>,
): Differences<Item> {
  const exact = matcher<Item>((item) => textOf(item));
  for (const item of before) if (isWanted(item)) exact.offer(item);
  let same = 0;
  const unmatched: Item[] = [];
  for (const item of after) {
    if (!isWanted(item)) continue;
    if (exact.take(item) === undefined) unmatched.push(item);
    else same += 1;
  }
  const alike = matcher<Item>((item) => textOf(contentOf(item)));
  for (const item of exact.left()) alike.offer(item);
  const others = unmatched.filter((item) => alike.take(item) === undefined);
  const byKey = matcher<Item>(keyOf);
  for (const item of alike.left()) byKey.offer(item);
  const extra: Item[] = [];
  const changed: { before: Item; after: Item }[] = [];
  for (const item of others) {
    const old = byKey.take(item);
    if (old === undefined) extra.push(item);
    else changed.push({ before: old, after: item });
  }
  return { same, renumbered: unmatched.length - others.length, missing: byKey.left(), extra, changed };
}

interface Matcher<Item> {
  offer(item: Item): void;
  /** One that was offered under the same name; it is gone then. */
  take(item: Item): Item | undefined;
  /** What nobody took, in the order of the offers. */
  left(): Item[];
}

function matcher<Item>(nameOf: (item: Item) => string): Matcher<Item> {
  const offered = new Map<string, Item[]>();
  return {
    offer(item) {
      const name = nameOf(item);
      const others = offered.get(name);
      if (others === undefined) offered.set(name, [item]);
      else others.push(item);
    },
    take(item) {
      const name = nameOf(item);
      const others = offered.get(name);
      const taken = others?.shift();
      if (others?.length === 0) offered.delete(name);
      return taken;
    },
    left: () => [...offered.values()].flat(),
  };
}

/** As JSON with sorted members, so that the order of columns does not matter. */
function textOf(item: unknown): string {
  const entries = Object.entries(item as object).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(Object.fromEntries(entries));
}
