/** Which consumers want which task type: an index built from manifests, so that ingest never names one. */
import type { Consumes, Schema } from '@heldar/plugin-sdk';

export interface Interest<Entry> {
  /** `taskTypes` null: all of them. */
  add(id: number, taskTypes: ReadonlySet<string> | null, entry: Entry): void;
  remove(id: number, entry: Entry): void;
  /** Those that want batches of this type. */
  of(taskType: string): readonly Entry[];
  find(id: number): Entry | undefined;
  all(): Iterable<Entry>;
}

export function createInterest<Entry>(): Interest<Entry> {
  const entries = new Map<number, { taskTypes: ReadonlySet<string> | null; entry: Entry }>();
  /** Answers of `of`, kept until the entries change; bounded, since task types are the workers' free text. */
  let index = new Map<string, readonly Entry[]>();
  const typesKept = 1000;
  return {
    add(id, taskTypes, entry) {
      entries.set(id, { taskTypes, entry });
      index = new Map();
    },
    remove(id, entry) {
      if (entries.get(id)?.entry === entry) entries.delete(id);
      index = new Map();
    },
    of(taskType) {
      let found = index.get(taskType);
      if (found === undefined) {
        found = [...entries.values()]
          .filter(({ taskTypes }) => taskTypes === null || taskTypes.has(taskType))
          .map(({ entry }) => entry);
        if (index.size < typesKept) index.set(taskType, found);
      }
      return found;
    },
    find: (id) => entries.get(id)?.entry,
    all: () => [...entries.values()].map(({ entry }) => entry),
  };
}

/** What a manifest's `consumes` entitles to: task types (null: every one), and the schema of their attributes where it has one. */
export function interestsOf(consumes: Consumes): {
  taskTypes: ReadonlySet<string> | null;
  attributes: ReadonlyMap<string, Schema>;
} {
  if (consumes === '*') return { taskTypes: null, attributes: new Map() };
  if (Array.isArray(consumes)) return { taskTypes: new Set(consumes as string[]), attributes: new Map() };
  const attributes = new Map(Object.entries(consumes as Record<string, Schema>));
  return { taskTypes: new Set(attributes.keys()), attributes };
}
