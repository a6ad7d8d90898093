/** What does a plugin find in its `ctx` when the kernel is elsewhere? The same scope as in the kernel's thread, over what the isolate offers. */
import type { CameraInfo, Logger, PluginDefinition } from '@heldar/plugin-sdk';
import type { ReadDb } from '../../../store/store.ts';
import { offerToken, openScope, type PluginScope } from '../../scope.ts';
import { createRootContainer, provide } from '../../tokens.ts';
import type { Peer } from '../peer.ts';
import type { IsolateNotes, KernelOperations, LogNote, SetupRequest } from '../protocol.ts';
import { packError } from '../wire-error.ts';

export interface OpenedContext {
  readonly scope: PluginScope;
  readonly db: ReadDb;
  setCameras(cameras: readonly CameraInfo[]): void;
  abort(reason: string): void;
}

export function openContext(options: {
  definition: PluginDefinition;
  config: unknown;
  request: SetupRequest;
  openDb(): ReadDb;
  peer: Peer<KernelOperations, IsolateNotes>;
}): OpenedContext {
  const { definition, request, peer } = options;
  const { name, capabilities = [] } = definition;
  const abort = new AbortController();
  let cameras = new Map(request.cameras.map((camera) => [camera.id, camera]));
  const db = openedLate(options.openDb);
  const root = createRootContainer();
  provide(root, offerToken, () => ({
    db,
    services: {
      offer: () => () => {},
      reference:
        (plugin, service) =>
        async (...args) =>
          peer.ask('service', { plugin, name: service, args }),
    },
    cameras: { get: (id) => cameras.get(id), list: () => [...cameras.values()] },
    fetch: globalThis.fetch,
    log: () => createRemoteLog((note) => peer.tell('log', note)),
  }));
  const scope = openScope(
    root,
    { name, config: options.config, capabilities, folder: request.folder },
    abort.signal,
  );
  return {
    scope,
    db,
    setCameras: (list) => void (cameras = new Map(list.map((camera) => [camera.id, camera]))),
    abort: (reason) => abort.abort(new Error(reason)),
  };
}

/** Most plugins read only in routes: a connection is opened with the first use. */
function openedLate(open: () => ReadDb): ReadDb {
  let db: ReadDb | null = null;
  return new Proxy({} as ReadDb, {
    get: (_, member) => Reflect.get((db ??= open()), member, db) as unknown,
    getPrototypeOf: () => Object.getPrototypeOf((db ??= open())) as object,
  });
}

function createRemoteLog(send: (note: LogNote) => void): Logger {
  const at =
    (level: LogNote['level']) =>
    (...[first, second]: [object | string, string?]) => {
      const message = typeof first === 'string' ? first : (second ?? '');
      send({ level, data: typeof first === 'string' ? null : plainData(first), message });
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** What a log line would show: JSON, errors by their text. */
function plainData(data: object): object {
  const asText = (_: string, value: unknown) =>
    value instanceof Error ? packError(value) : typeof value === 'bigint' ? String(value) : value;
  return JSON.parse(JSON.stringify(data, asText) ?? '{}') as object;
}
