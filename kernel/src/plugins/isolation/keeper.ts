/** Who keeps a plugin's isolate going? Opens it, notices when it is blocked, too big or gone, and starts it again; its calls wait for the next one. */
import type { CameraInfo, Isolation } from '@heldar/plugin-sdk';
import { systemClock } from '../../clock.ts';
import { HeldarError, messageOf } from '../../errors.ts';
import { backOffMs } from '../../runtime/back-off.ts';
import { withDeadline } from '../../runtime/deadline.ts';
import type { PluginLimits } from '../limits.ts';
import { openChild } from './child-isolate.ts';
import { watchPulse, type Pulse } from './heartbeat.ts';
import { interrupted } from './interrupted.ts';
import type { End, Isolate } from './isolate.ts';
import { createPeer, type Peer, type Serving } from './peer.ts';
import type {
  ContributionsDescription,
  IsolateNotes,
  IsolateOperations,
  KernelNotes,
  KernelOperations,
  LoadRequest,
  LogNote,
  PluginDescription,
} from './protocol.ts';
import { createReaderThread } from './reads.ts';
import { createTurns } from './turns.ts';
import { unpackError, type WireError } from './wire-error.ts';
import { openWorker } from './worker-isolate.ts';

/** A call of the isolate; `incarnation` says which isolate it goes to. */
export type MakeInput<Input> = (incarnation: number) => Input;
type CallOp = Exclude<keyof IsolateOperations, 'load' | 'setup' | 'checkOptions' | 'dispose'>;

export interface KeeperSpec {
  readonly plugin: string;
  readonly tier: Exclude<Isolation, 'inline'>;
  readonly memoryMb: number;
  readonly load: LoadRequest;
  readonly databaseFile: string;
  readonly limits: PluginLimits;
  /** Options as the composition gives them, now. */
  options(): unknown;
  random(): number;
  /** It ended without having been told to. */
  onDeath(reason: string): void;
  onFault(error: Error): void;
  onLine(stream: 'stdout' | 'stderr', line: string): void;
}

/** What the rest of the kernel gives an isolate once it is set up. */
export interface Links {
  readonly storeId: string;
  readonly serve: Serving<KernelOperations>;
  log(note: LogNote): void;
  /** What the plugin may know of cameras. */
  cameras(): readonly CameraInfo[];
}

export interface KeeperStats {
  readonly tier: Isolation;
  /** Since the start of this generation. */
  readonly deaths: number;
  readonly memoryBytes: number;
  readonly lastDeath: string | null;
}

export interface Keeper {
  load(): Promise<PluginDescription>;
  checkOptions(raw: unknown): Promise<IsolateOperations['checkOptions'][1]>;
  setup(links: Links): Promise<ContributionsDescription>;
  /** Waits for an isolate that is ready. Rejects with the plugin's error, or when the isolate ended meanwhile. */
  call<Op extends CallOp>(
    op: Op,
    make: MakeInput<IsolateOperations[Op][0]>,
    signal?: AbortSignal,
  ): Promise<IsolateOperations[Op][1]>;
  abort(reason: string): void;
  dispose(): Promise<void>;
  camerasChanged(): void;
  stats(): KeeperStats;
  /** Ends the isolate at once; calls under way are rejected. */
  stop(): Promise<void>;
}

/** One isolate, from its opening to its end. */
interface Life {
  readonly incarnation: number;
  readonly isolate: Isolate;
  readonly peer: Peer<IsolateOperations, KernelNotes>;
  readonly pulse: Pulse;
  readonly calls: Set<symbol>;
  isOver: boolean;
}

/** After an end whose cause is open, calls run one at a time for so long, and none waits for its turn beyond that: the next end then names its cause. ms */
const carefulMs = 30_000;
/** An isolate that lived for so long starts afresh with short pauses. ms */
const soundMs = 30_000;
/** Between an end and the next start, ms: so short that a plugin that ends again and again is seen to by its budget. */
const mostPauseMs = 1_000;
/** Other plugins may wait for these while they are being waited for themselves. */
const neverSerial: ReadonlySet<string> = new Set(['service', 'health']);

export function createKeeper(spec: KeeperSpec): Keeper {
  const { plugin, tier, limits } = spec;
  const readers = tier === 'worker' ? createReaderThread(spec.databaseFile) : null;
  let life: Life | null = null;
  let links: Links | null = null;
  let ready = Promise.withResolvers<Life>();
  let isReady = false;
  let isStopped = false;
  let incarnations = 0;
  let deaths = 0;
  let lastDeath: string | null = null;
  let badStarts = 0;
  let carefulUntil = 0;
  const turns = createTurns(systemClock, () => carefulUntil);
  let camerasAreNew = false;
  let cancelRestart = () => {};
  ready.promise.catch(() => undefined);

  const open = (): Life => {
    let reason: string | null = null;
    const opened: Life = {
      incarnation: (incarnations += 1),
      calls: new Set(),
      isOver: false,
      isolate: (tier === 'worker' ? openWorker : openChild)({
        plugin,
        memoryMb: spec.memoryMb,
        reads: readers?.connect() ?? null,
        onMessages: (messages) => opened.peer.receive(messages),
        onEnd: (end) => ended(opened, { ...end, reason: reason ?? end.reason }),
        onLine: (stream, line) => spec.onLine(stream, line),
      }),
      peer: createPeer<IsolateOperations, KernelNotes, KernelOperations, IsolateNotes>({
        send: (messages) => opened.isolate.send(messages),
        serve: {
          settled: (input, signal) => connected().serve.settled(input, signal),
          service: (input, signal) => connected().serve.service(input, signal),
        },
        notes: {
          beat: (beat) => opened.pulse.beat(beat),
          log: (note) => links?.log(note),
          fault: ({ error }) => spec.onFault(unpackError(error as WireError)),
        },
      }),
      pulse: watchPulse({
        memoryMb: spec.memoryMb,
        readResident: () => opened.isolate.readResident(),
        onTrouble(trouble) {
          reason ??= trouble;
          void opened.isolate.kill();
        },
      }),
    };
    return opened;
  };

  const connected = (): Links => {
    if (links === null) throw new HeldarError('unavailable', `${plugin} has not been set up`);
    return links;
  };

  const ended = (over: Life, { reason, lastWords }: End) => {
    over.isOver = true;
    over.pulse.stop();
    const told = lastWords === '' ? reason : `${reason} (${lastWords})`;
    const isAmbiguous = isReady && over.calls.size > 1;
    over.peer.fail(
      isStopped
        ? new HeldarError('unavailable', `${plugin} has been stopped`)
        : isAmbiguous
          ? interrupted(plugin, told)
          : new HeldarError('plugin_failed', `${plugin}: ${told}`),
    );
    // One that ends while it starts is told of by its start.
    if (isStopped || over !== life || !isReady) return;
    noteDeath(told);
    carefulUntil = systemClock.monotonic() + carefulMs;
    isReady = false;
    ready = Promise.withResolvers<Life>();
    ready.promise.catch(() => undefined);
    restart();
  };

  const restart = () => {
    const wait = backOffMs((badStarts += 1), 50, mostPauseMs, spec.random);
    const timer = setTimeout(() => {
      start().catch((error: unknown) => {
        if (isStopped) return;
        const unfit = life;
        life = null;
        noteDeath(`it could not be started again: ${messageOf(error)}`);
        void unfit?.isolate.kill();
        restart();
      });
    }, wait);
    cancelRestart = () => clearTimeout(timer);
  };

  const noteDeath = (told: string) => {
    deaths += 1;
    lastDeath = told;
    spec.onDeath(told);
  };

  /** A new isolate, as far as the one before had come. */
  const start = async (): Promise<void> => {
    const next = (life = open());
    const { importMs, setupMs } = limits;
    await withDeadline(next.peer.ask('load', spec.load), importMs, `no import within ${importMs} ms`);
    await withDeadline(setUp(next), setupMs, `no setup within ${setupMs} ms`);
  };

  const setUp = async (into: Life): Promise<ContributionsDescription> => {
    const { storeId, cameras } = connected();
    camerasAreNew = false;
    const described = await into.peer.ask('setup', {
      options: spec.options(),
      folder: spec.load.manifest.folder,
      storeId,
      databaseFile: tier === 'process' ? spec.databaseFile : null,
      cameras: cameras(),
      limits,
    });
    into.pulse.start();
    isReady = true;
    ready.resolve(into);
    setTimeout(() => {
      if (!into.isOver) badStarts = 0;
    }, soundMs).unref();
    return described;
  };

  const tellCameras = ({ peer }: Life) => {
    if (!camerasAreNew) return;
    camerasAreNew = false;
    peer.tell('cameras', connected().cameras());
  };

  const first = (): Life => (life ??= open());

  return {
    load: () => first().peer.ask('load', spec.load),
    checkOptions: (raw) => first().peer.ask('checkOptions', raw),
    setup(given) {
      links = given;
      return setUp(first());
    },
    async call(op, make, signal) {
      const isCareful = systemClock.monotonic() < carefulUntil && !neverSerial.has(op);
      const release = isCareful ? await turns.take(signal) : null;
      try {
        const into = isReady && life !== null ? life : await orAborted(ready.promise, signal);
        const mark = Symbol(op);
        into.calls.add(mark);
        tellCameras(into);
        try {
          const input = make(into.incarnation);
          return (await into.peer.ask(op, input as never, signal)) as never;
        } finally {
          into.calls.delete(mark);
        }
      } finally {
        release?.();
      }
    },
    abort: (reason) => {
      if (life !== null && !life.isOver) life.peer.tell('abort', reason);
    },
    async dispose() {
      if (life !== null && isReady) await life.peer.ask('dispose', null);
    },
    camerasChanged() {
      camerasAreNew = true;
      setImmediate(() => {
        if (isReady && life !== null) tellCameras(life);
      });
    },
    stats: () => ({ tier, deaths, memoryBytes: life?.pulse.memoryBytes ?? 0, lastDeath }),
    async stop() {
      if (isStopped) return;
      isStopped = true;
      cancelRestart();
      ready.reject(new HeldarError('unavailable', `${plugin} has been stopped`));
      await life?.isolate.kill();
      await readers?.stop();
    },
  };
}

function orAborted<Value>(work: Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error);
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
