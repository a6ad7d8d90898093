/** A real HTTP side for tests: every part but the store is the one the kernel runs. */
import type { Logger } from '@heldar/plugin-sdk';
import type { Caller } from '../auth/caller.ts';
import { everyCamera, namedCameras } from '../auth/camera-scope.ts';
import { mayUse, systemPrincipal, type Role } from '../auth/permissions.ts';
import { systemClock } from '../clock.ts';
import { HeldarError } from '../errors.ts';
import { createEventTypes } from '../plugins/event-types.ts';
import { recordTx, type TxRecorder } from '../plugins/tx.ts';
import type { NewAudit } from '../store/units.ts';
import { createClientAddresses } from './client-address.ts';
import type { KernelRoute } from './kernel-route.ts';
import { createHttp, type Http, type HttpOptions } from './server.ts';

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly data: Readonly<Record<string, unknown>>;
  readonly message: string;
}

export interface TestHttp {
  readonly http: Http;
  readonly log: readonly LogLine[];
  /** What was looked at, as the audit log would have it. */
  readonly accessed: readonly NewAudit[];
}

/** Cameras `gate` and `yard` exist. The header `x-role` says who asks, `none` is nobody; `x-cameras` limits it to some. */
export function testHttp(routes: readonly KernelRoute[], options: Partial<HttpOptions> = {}): TestHttp {
  const log: LogLine[] = [];
  const accessed: NewAudit[] = [];
  const http = createHttp({
    routes,
    log: collectingLog(log),
    clock: systemClock,
    clients: createClientAddresses([]),
    identify({ headers }) {
      const again = () => callerOf(headers['x-role'], headers['x-cameras']);
      return { caller: again(), again, urlToken: null };
    },
    camerasOf: ({ cameras }) => (cameras === null ? everyCamera(exists) : namedCameras(cameras, exists)),
    effects: effectsOf('kernel'),
    accessLog: { note: (entry) => Promise.resolve(void accessed.push(entry)) },
    commitChange: () => Promise.reject(new Error('this test has no store')),
    ...options,
  });
  return { http, log, accessed };
}

/** Recorders as the plugin host makes them. */
export function effectsOf(plugin: string): () => TxRecorder {
  const owner = {
    plugin,
    events: createEventTypes(plugin, {}),
    recordTypes: new Set(['changed']),
    siteOf: () => null,
  };
  return () => recordTx(owner, Date.now());
}

const exists = (id: string) => id === 'gate' || id === 'yard';

function callerOf(asked: string | string[] | undefined, cameras: string | string[] | undefined): Caller {
  if (asked === 'none') throw new HeldarError('unauthenticated', 'authentication required');
  const role = (asked ?? 'admin') as Role;
  return {
    principal: { ...systemPrincipal, role },
    cameras: typeof cameras === 'string' ? cameras.split(',') : null,
    session: null,
    credential: { kind: 'system' },
    may: (capability) => mayUse(role, capability),
  };
}

export function collectingLog(lines: LogLine[]): Logger {
  const at =
    (level: LogLine['level']) =>
    (...[data, message]: [data: object, message: string] | [message: string]) => {
      if (typeof data === 'string') lines.push({ level, data: {}, message: data });
      else lines.push({ level, data: data as LogLine['data'], message: message ?? '' });
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** Waits until the condition holds; the test fails when it does not within the time. */
export async function eventually(condition: () => boolean, withinMs = 5000): Promise<void> {
  const end = performance.now() + withinMs;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`not within ${withinMs} ms: ${condition.toString()}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
