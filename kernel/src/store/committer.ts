/** The queue between the event loop and the writer thread: what waits while one group is written becomes the next group. */
import { Worker } from 'node:worker_threads';
import type { Clock } from '../clock.ts';
import { HeldarError, type ErrorCode } from '../errors.ts';
import type { Keyring } from '../secrets/keyring.ts';
import type { ExclusiveArgs, ExclusiveName, ExclusiveReply, ExclusiveResult } from './exclusives.ts';
import { packGroup } from './wire.ts';
import type { BatchUnit, GroupReply, LoggedRecord, ResultOf, Unit } from './units.ts';

export interface Committer {
  /**
   * Applies the unit; resolves after the commit that holds it, rejects when it or the commit failed. `attachment` stays on this
   * thread and comes back with `onBatch`.
   */
  commit<U extends Unit>(unit: U, attachment?: unknown): Promise<ResultOf<U>>;
  /** Runs behind what is being written, before what waits; nothing else is written meanwhile. @throws HeldarError as the operation does. */
  exclusive<Name extends ExclusiveName>(
    name: Name,
    args: ExclusiveArgs<Name>,
  ): Promise<ExclusiveResult<Name>>;
  /** Log time: what the next unit gets as `received`, at least. */
  logNow(): number;
  /** From now on no unit gets a `received` of `time` or less. True when the listeners have heard of all of those that did. */
  passTime(time: number): boolean;
  /** Units waiting or being written. */
  readonly depth: number;
  /** Bytes of batch bodies waiting or being written. */
  readonly pendingBytes: number;
  close(): Promise<void>;
  /**
   * Ends as SIGKILL would: what waits is dropped at once; of what is being written nobody hears, whether or not it becomes durable.
   * Resolves when the database file is closed.
   */
  abandon(): Promise<void>;
}

export interface CommitListeners {
  /** A batch is durable; in log order with `onRecord`. */
  onBatch(unit: BatchUnit, seq: number, received: number, attachment: unknown): void;
  onRecord(record: LoggedRecord): void;
  /** The journal's highest sequence rose. */
  onJournal(head: number): void;
  /** A group is done, whatever came of it. */
  onSettled(): void;
  onExit(error: Error): void;
}

interface Waiting {
  readonly unit: Unit;
  readonly received: number;
  readonly attachment: unknown;
  readonly resolve: (result: never) => void;
  readonly reject: (error: Error) => void;
}

interface Group {
  readonly id: number;
  readonly units: readonly Waiting[];
}

/** Groups in flight: one being written, one ready in the thread's mailbox. */
const groupsInFlight = 2;
const unitsPerGroup = 256;

export async function startCommitter(options: {
  file: string;
  clock: Clock;
  keyring: Keyring;
  /** Log time begins here, ms since the epoch: not before the newest `received` of the store, and behind its newest tick. */
  after: number;
  listeners: CommitListeners;
}): Promise<Committer> {
  const { clock, listeners } = options;
  const fromSource = import.meta.url.endsWith('.ts');
  const worker = new Worker(new URL(`./writer-thread.${fromSource ? 'ts' : 'js'}`, import.meta.url), {
    workerData: { file: options.file, keys: options.keyring.keys },
    name: 'heldar-writer',
  });
  await ready(worker);

  let logTime = options.after;
  let queue: Waiting[] = [];
  /** In the order in which they were sent. */
  const inFlight: Group[] = [];
  /** Of a durable group whose listeners are being called: the first unit they have not heard of. */
  let untold: Waiting | undefined;
  let nextGroup = 1;
  let head = 0;
  let pendingBytes = 0;
  let failed: Error | null = null;
  let closing = false;
  let idle: (() => void) | null = null;

  const send = () => {
    while (queue.length > 0 && inFlight.length < groupsInFlight && failed === null) {
      const group = queue.length <= unitsPerGroup ? queue : queue.slice(0, unitsPerGroup);
      queue = queue.length <= unitsPerGroup ? [] : queue.slice(unitsPerGroup);
      const id = nextGroup++;
      inFlight.push({ id, units: group });
      worker.postMessage(packGroup({ id, units: group }));
    }
  };
  let scheduled = false;
  const schedule = () => {
    if (scheduled || inFlight.length >= groupsInFlight) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      send();
    });
  };

  const asked = new Map<number, { resolve(result: never): void; reject(error: Error): void }>();
  const answerExclusive = ({ exclusive, outcome }: ExclusiveReply) => {
    const waiting = asked.get(exclusive);
    asked.delete(exclusive);
    if ('result' in outcome) waiting?.resolve(outcome.result as never);
    else
      waiting?.reject(
        new HeldarError(outcome.failure.code, outcome.failure.message, { details: outcome.failure.details }),
      );
    if (isIdle()) idle?.();
  };
  const isIdle = () => queue.length === 0 && inFlight.length === 0 && asked.size === 0;

  worker.on('message', (reply: GroupReply | ExclusiveReply) => {
    if (failed !== null) return;
    if ('exclusive' in reply) return answerExclusive(reply);
    const at = inFlight.findIndex(({ id }) => id === reply.id);
    const group = inFlight.splice(at, at < 0 ? 0 : 1)[0]?.units ?? [];
    send();
    for (const [index, waiting] of group.entries()) {
      untold = group[index + 1];
      const outcome = reply.outcomes[index];
      if (waiting.unit.kind === 'batch') pendingBytes -= waiting.unit.body.length;
      if (outcome === undefined) continue;
      if ('failure' in outcome) {
        waiting.reject(new HeldarError(outcome.failure.code, outcome.failure.message));
        continue;
      }
      if (waiting.unit.kind === 'batch') {
        const { seq } = outcome.result as { seq?: number };
        if (seq !== undefined) listeners.onBatch(waiting.unit, seq, waiting.received, waiting.attachment);
      }
      for (const record of outcome.records ?? []) listeners.onRecord(record);
      waiting.resolve(outcome.result as never);
    }
    if (reply.journalHead > head) listeners.onJournal((head = reply.journalHead));
    listeners.onSettled();
    if (isIdle()) idle?.();
  });
  const giveUp = (error: Error) => {
    failed = error;
    const lost = inFlight.flatMap(({ units }) => units).concat(queue);
    queue = [];
    inFlight.length = 0;
    for (const waiting of [...lost, ...asked.values()]) waiting.reject(error);
    asked.clear();
    idle?.();
  };
  const end = (error: Error) => {
    if (closing || failed !== null) return;
    giveUp(error);
    listeners.onExit(error);
  };
  worker.on('error', (error) => end(asError('database', 'the writer thread failed', error)));
  worker.on('exit', (code) => end(new HeldarError('database', `the writer thread ended with code ${code}`)));

  const commit = <U extends Unit>(unit: U, attachment?: unknown): Promise<ResultOf<U>> => {
    if (failed !== null) return Promise.reject(failed);
    if (closing) return Promise.reject(new HeldarError('unavailable', 'the store is closing'));
    logTime = Math.max(logTime, clock.now());
    if (unit.kind === 'batch') pendingBytes += unit.body.length;
    return new Promise((resolve, reject) => {
      queue.push({ unit, received: logTime, attachment, resolve, reject });
      schedule();
    });
  };

  const exclusive = <Name extends ExclusiveName>(name: Name, args: ExclusiveArgs<Name>) => {
    if (failed !== null) return Promise.reject(failed);
    if (closing) return Promise.reject(new HeldarError('unavailable', 'the store is closing'));
    const id = nextGroup++;
    return new Promise<ExclusiveResult<Name>>((resolve, reject) => {
      asked.set(id, { resolve, reject });
      worker.postMessage({ exclusive: id, name, args });
    });
  };

  return {
    commit,
    exclusive,
    logNow: () => (logTime = Math.max(logTime, clock.now())),
    passTime(time) {
      logTime = Math.max(logTime, time + 1);
      const oldest = untold ?? inFlight[0]?.units[0] ?? queue[0];
      return oldest === undefined || oldest.received > time;
    },
    get depth() {
      let units = queue.length;
      for (const group of inFlight) units += group.units.length;
      return units;
    },
    get pendingBytes() {
      return pendingBytes;
    },
    async close() {
      // An answer may bring more: what is accepted until here is answered too.
      while (failed === null && !isIdle()) await new Promise<void>((resolve) => (idle = resolve));
      closing = true;
      if (failed !== null) return;
      const exited = new Promise((resolve) => worker.once('exit', resolve));
      worker.postMessage('close');
      await exited;
    },
    async abandon() {
      if (closing || failed !== null) return;
      giveUp(new HeldarError('unavailable', 'the store was abandoned'));
      const exited = new Promise((resolve) => worker.once('exit', resolve));
      worker.postMessage('close');
      await exited;
    },
  };
}

function ready(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('message', () => {
      worker.off('error', reject);
      resolve();
    });
  });
}

function asError(code: ErrorCode, message: string, cause: unknown): HeldarError {
  return new HeldarError(code, message, { cause });
}
