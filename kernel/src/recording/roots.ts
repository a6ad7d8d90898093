/** Where may be recorded, deleted and adopted right now? Every root is looked at every few seconds, alone. */
import type { Logger } from '@heldar/plugin-sdk';
import { delay, untilNext, type Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import { storageFault, storageRecovered } from '../media/media-events.ts';
import { hasSegmentsIn } from '../store/segment-queries.ts';
import type { Store } from '../store/store.ts';
import {
  checkRoot,
  titleOf,
  type FolderIdentity,
  type RecordingRoot,
  type RootState,
  type StorageFault,
} from './folder-identity.ts';

export interface RecordingRoots {
  /** The recordings folder ('') first, the others in the order of the settings. */
  readonly all: readonly RecordingRoot[];
  /** Absolute; undefined: no root has that name (any more). */
  pathOf(root: string): string | undefined;
  /** Files may be deleted and adopted in what is `ours` only. As last seen. */
  identity(root: string): FolderIdentity;
  /** Why nothing can be recorded there; null: it can. As last seen. */
  fault(root: string): StorageFault | null;
  /** Looks at a root now. A look that is under way is joined. */
  check(root: string): Promise<RootState>;
  /** Calls back after a root began to fail, or can be used again. Answers how to end that. */
  onChange(listener: (root: string) => void): () => void;
  /** Looks at all roots once, then again and again until stopped; resolves after the first look. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Only in these may files be deleted and adopted. As last seen. */
export function ownRoots({ all, identity }: Pick<RecordingRoots, 'all' | 'identity'>): RecordingRoot[] {
  return all.filter(({ name }) => identity(name) === 'ours');
}

export interface RecordingRootsOptions {
  readonly store: Pick<Store, 'read' | 'write' | 'storeId'>;
  readonly clock: Clock;
  /** Absolute. */
  readonly recordingsDir: string;
  /** Others, by name. */
  readonly others?: readonly RecordingRoot[];
  readonly log: Logger;
  /** Between two looks, ms; given by tests. */
  readonly everyMs?: number;
}

const everyMs = 5000;
/** A disk that hangs answers nothing at all, ms. */
const answerMs = 10_000;

const unseen: RootState = {
  identity: 'missing',
  fault: { reason: 'unreadable', detail: 'the recordings root has not been looked at yet' },
};

export function createRecordingRoots(options: RecordingRootsOptions): RecordingRoots {
  const { store, clock, log } = options;
  const all = [{ name: '', path: options.recordingsDir }, ...(options.others ?? [])];
  const states = new Map<string, RootState>();
  const looks = new Map<string, Promise<RootState>>();
  /** Questions to the disk that are not answered yet: a disk that hangs is not asked twice. */
  const asked = new Map<string, Promise<RootState>>();
  const listeners = new Set<(root: string) => void>();
  const stopping = new AbortController();
  let loop: Promise<unknown> = Promise.resolve();

  const note = async (root: RecordingRoot, state: RootState): Promise<void> => {
    const before = states.get(root.name);
    states.set(root.name, state);
    const was = before?.fault ?? null;
    if (before !== undefined && was?.reason === state.fault?.reason) return;
    if (state.fault !== null) {
      log.error({ root: root.name, folder: root.path }, state.fault.detail);
      // One that fails for another reason by now is told already.
      if (was === null) await tell(storageFault(root.name, clock.now(), state.fault));
    } else if (was !== null) {
      log.info({ root: root.name }, `${titleOf(root.name)} can be used again`);
      await tell(storageRecovered(root.name, clock.now()));
    }
    for (const listener of listeners) listener(root.name);
  };
  const tell = async (event: ReturnType<typeof storageRecovered>) => {
    try {
      await store.write('events.append', [event]);
    } catch (error) {
      log.error({ reason: messageOf(error) }, 'what befell a recordings root could not be noted');
    }
  };

  const ask = (root: RecordingRoot): Promise<RootState> => {
    const answer =
      asked.get(root.name) ??
      checkRoot(
        root,
        store.storeId,
        () => hasSegmentsIn(store.read, root.name),
        states.get(root.name) ?? null,
      ).finally(() => asked.delete(root.name));
    asked.set(root.name, answer);
    return answer;
  };
  const look = async (root: RecordingRoot): Promise<RootState> => {
    const seen = ask(root);
    const inTime = new AbortController();
    const hung = delay(clock, answerMs, inTime.signal).then(
      () => hangs(root),
      () => seen,
    );
    const state = await Promise.race([seen, hung]);
    inTime.abort();
    await note(root, state);
    return state;
  };
  const check = (name: string): Promise<RootState> => {
    const root = all.find((candidate) => candidate.name === name);
    if (root === undefined) return Promise.resolve(unknownRoot(name, all));
    const underWay = looks.get(name) ?? look(root).finally(() => looks.delete(name));
    looks.set(name, underWay);
    return underWay;
  };
  const checkAll = () => Promise.all(all.map(({ name }) => check(name)));
  const stateOf = (name: string) =>
    states.get(name) ?? (all.some((root) => root.name === name) ? unseen : unknownRoot(name, all));

  const lookAgain = async () => {
    const { signal } = stopping;
    while (!signal.aborted) {
      try {
        await delay(clock, untilNext(clock, options.everyMs ?? everyMs), signal);
      } catch {
        // Stopped.
        return;
      }
      await checkAll();
    }
  };

  return {
    all,
    pathOf: (name) => all.find((root) => root.name === name)?.path,
    identity: (name) => stateOf(name).identity,
    fault: (name) => stateOf(name).fault,
    check,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async start() {
      await checkAll();
      loop = lookAgain();
    },
    async stop() {
      stopping.abort();
      await loop;
    },
  };
}

function hangs(root: RecordingRoot): RootState {
  const detail = `${titleOf(root.name)} does not answer: check its disk, or the network it hangs on`;
  return { identity: 'missing', fault: { reason: 'unreadable', detail } };
}

function unknownRoot(name: string, all: readonly RecordingRoot[]): RootState {
  const others = all.map((root) => root.name).filter((known) => known !== '');
  const known =
    others.length === 0 ? 'there are no others than the recordings folder' : `there are ${others.join(', ')}`;
  return {
    identity: 'missing',
    fault: {
      reason: 'missing',
      detail: `no recordings root is called '${name}' (${known}): name it in HELDAR_RECORDINGS_ROOTS, or give the camera another`,
    },
  };
}
