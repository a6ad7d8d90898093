/** What does an isolate do for the kernel? Loads one plugin, runs its setup, then its calls, and beats all the while. */
import type { Contributions, PluginDefinition } from '@heldar/plugin-sdk';
import { pathToFileURL } from 'node:url';
import { HeldarError } from '../../../errors.ts';
import type { ReadDb } from '../../../store/store.ts';
import { readDefinition } from '../../definition.ts';
import { checkOptions } from '../../options.ts';
import { beatMs } from '../heartbeat.ts';
import { createPeer, type Message } from '../peer.ts';
import type { IsolateNotes, IsolateOperations, KernelNotes, KernelOperations } from '../protocol.ts';
import { packError } from '../wire-error.ts';
import { createCalls, type Calls } from './calls.ts';
import { openContext, type OpenedContext } from './context.ts';
import { describeContributions, describeDefinition } from './describe.ts';
import { checkContributions } from '../../contributions.ts';

export interface Outside {
  send(messages: readonly Message[]): void;
  openDb(file: string | null): ReadDb;
  memoryBytes(): number;
}

/** Answers where messages of the kernel go. */
export function serveKernel({ send, openDb, memoryBytes }: Outside): (messages: readonly Message[]) => void {
  let definition: PluginDefinition | null = null;
  let context: OpenedContext | null = null;
  let contributions: Contributions = {};
  let calls: Calls | null = null;
  const loaded = (): PluginDefinition => {
    if (definition === null) throw new HeldarError('internal', 'the plugin is not loaded');
    return definition;
  };
  const running = (): Calls => {
    if (calls === null) throw new HeldarError('unavailable', 'the plugin has not been set up');
    return calls;
  };

  const peer = createPeer<KernelOperations, IsolateNotes, IsolateOperations, KernelNotes>({
    send,
    notes: {
      cameras: (cameras) => context?.setCameras(cameras),
      abort: (reason) => context?.abort(reason),
    },
    serve: {
      async load({ file, specifier, manifest }) {
        const module: unknown = await import(pathToFileURL(file).href);
        definition = readDefinition(module, manifest, specifier);
        return describeDefinition(definition);
      },
      async checkOptions(raw) {
        const checked = await checkOptions(loaded(), raw);
        return checked.ok ? { options: plainOrRaw(checked.options, raw) } : { problems: checked.problems };
      },
      async setup(request) {
        const checked = await checkOptions(loaded(), request.options);
        if (!checked.ok)
          throw new HeldarError('plugin_failed', `${loaded().name}: its options are refused now`);
        context = openContext({
          definition: loaded(),
          config: checked.options,
          request,
          openDb: () => openDb(request.databaseFile),
          peer,
        });
        const returned: unknown = await loaded().setup(context.scope.context);
        contributions = checkContributions(loaded(), returned);
        calls = createCalls({
          definition: loaded(),
          contributions,
          peer,
          db: context.db,
          storeId: request.storeId,
        });
        return describeContributions(contributions);
      },
      consume: (request, signal) => running().consume(request, signal),
      validate: (request, signal) => running().validate(request, signal),
      route: (request, signal) => running().route(request, signal),
      handler: (request, signal) => running().handler(request, signal),
      job: (request, signal) => running().job(request, signal),
      service: (request, signal) => running().service(request, signal),
      health: async () => (await contributions.health?.()) ?? { ok: true },
      async dispose() {
        await contributions.dispose?.();
        context?.scope.dispose();
        return null;
      },
    },
  });

  const fault = (error: unknown) => peer.tell('fault', { error: packError(error) });
  process.on('uncaughtException', fault);
  process.on('unhandledRejection', fault);
  setInterval(() => peer.tell('beat', { memoryBytes: memoryBytes() }), beatMs).unref();
  return (messages) => peer.receive(messages);
}

/** For people to see; what the schema made of them may hold what is not data. */
function plainOrRaw(options: unknown, raw: unknown): unknown {
  try {
    return structuredClone(options);
  } catch {
    return raw;
  }
}
