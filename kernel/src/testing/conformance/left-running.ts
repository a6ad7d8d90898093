/** What has a plugin started that goes on after it was disposed? Followed from its code through Node's own bookkeeping, so that each tells where it was started. */
import { AsyncLocalStorage, createHook } from 'node:async_hooks';
import { placeOf } from '../../plugins/failure.ts';
import type { Around, PluginCall } from '../wrap-plugin.ts';

/** What keeps a process busy, as `async_hooks` calls it. */
const kinds: Readonly<Record<string, string>> = {
  Timeout: 'a timer',
  Immediate: 'an immediate',
  TCPSERVERWRAP: 'a server',
  TCPWRAP: 'a socket',
  PIPEWRAP: 'a pipe',
  PIPESERVERWRAP: 'a server',
  UDPWRAP: 'a UDP socket',
  TLSWRAP: 'a TLS socket',
  PROCESSWRAP: 'a child process',
  FSEVENTWRAP: 'a watched file',
  STATWATCHER: 'a watched file',
  SIGNALWRAP: 'a signal handler',
  WORKER: 'a worker thread',
};

/** What Node starts for `AbortSignal.timeout` and keeps for later requests of `fetch`: it holds nothing up, and ends by itself. */
const nodesOwn = /setWeakAbortSignalTimeout|node:internal\/deps\/undici/;

export interface Following {
  readonly around: Around;
  /** `a timer that setup started at src/index.ts:12:5`. */
  left(): string[];
  end(): void;
}

/** `folder`: of the plugin's package; null without one. */
export function followPlugin(folder: string | null): Following {
  const inPlugin = new AsyncLocalStorage<PluginCall>();
  const open = new Map<
    number,
    { readonly what: string; readonly call: PluginCall; readonly started: Error }
  >();
  const hook = createHook({
    init(id, type) {
      const what = kinds[type];
      const call = what === undefined ? undefined : inPlugin.getStore();
      if (what === undefined || call === undefined) return;
      const started = errorWithDeepStack(what);
      if (!nodesOwn.test(started.stack ?? '')) open.set(id, { what, call, started });
    },
    destroy: (id) => void open.delete(id),
  }).enable();
  return {
    around: { call: (call, run) => inPlugin.run(call, run) },
    left: () =>
      [...open.values()].map(({ what, call, started }) => {
        const by = `${what} that ${call.kind === 'setup' ? 'setup' : `${call.kind} ${call.name}`} started`;
        const place = folder === null ? null : placeOf(started, folder);
        return place === null ? by : `${by} at ${place}`;
      }),
    end: () => void hook.disable(),
  };
}

/** Of the ten frames that are usual, half are Node's own here. */
function errorWithDeepStack(text: string): Error {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 40;
  try {
    return new Error(text);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
