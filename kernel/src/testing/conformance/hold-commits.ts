/** What does a plugin see while the store is slow? Effects of lanes wait; the log itself does not. */
import type { Store } from '../../store/store.ts';

export interface HeldCommits {
  readonly wrapStore: (store: Store) => Store;
  hold(): void;
  release(): void;
}

export function holdCommits(): HeldCommits {
  let held: PromiseWithResolvers<void> | null = null;
  return {
    wrapStore: (store) => ({
      ...store,
      commit(unit, attachment) {
        if (unit.kind !== 'lane' || held === null) return store.commit(unit, attachment);
        return held.promise.then(() => store.commit(unit, attachment));
      },
    }),
    hold: () => void (held ??= Promise.withResolvers<void>()),
    release() {
      held?.resolve();
      held = null;
    },
  };
}
