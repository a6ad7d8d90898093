/** How does an isolate run what the plugin contributes? The calls of consumers in a file of their own; routes, handlers, jobs and services here. */
import {
  isReply,
  type Contributions,
  type PluginDefinition,
  type Reply,
  type Schema,
} from '@heldar/plugin-sdk';
import { HeldarError } from '../../../errors.ts';
import { misfit } from '../../../http/validate.ts';
import type { ReadDb } from '../../../store/store.ts';
import { createEventTypes } from '../../event-types.ts';
import { recordTx, type TxOwner, type TxRecorder } from '../../tx.ts';
import type { Peer } from '../peer.ts';
import type {
  HandlerCall,
  IsolateNotes,
  IsolateOperations,
  JobCall,
  KernelOperations,
  RouteCall,
  RouteReply,
  TxReply,
  ValidateReply,
  ValidateRequest,
} from '../protocol.ts';
import type { Serving } from '../peer.ts';
import { packOutcome } from '../wire-schema.ts';
import { unpackScope } from '../wire-scope.ts';
import { createConsumerCalls } from './consumer-calls.ts';

export type Calls = Pick<
  Serving<IsolateOperations>,
  'consume' | 'validate' | 'route' | 'handler' | 'job' | 'service'
>;

export function createCalls(options: {
  definition: PluginDefinition;
  contributions: Contributions;
  peer: Peer<KernelOperations, IsolateNotes>;
  db: ReadDb;
  storeId: string;
}): Calls {
  const { definition, contributions } = options;
  const { name } = definition;
  const { routes = [], handlers = [], jobs = [], services = {} } = contributions;
  const owner: TxOwner = {
    plugin: name,
    events: createEventTypes(name, definition.emits ?? {}),
    recordTypes: new Set(Object.keys(definition.records ?? {})),
    records: definition.records ?? {},
    // The kernel knows, and fills it in.
    siteOf: () => null,
  };
  const checkOutput = process.env['NODE_ENV'] !== 'production';
  return {
    consume: createConsumerCalls({ ...options, events: owner.events }),
    async validate({ route, place, value }: ValidateRequest): Promise<ValidateReply> {
      const schema = found(routes, route, 'route').definition[place] as Schema;
      return packOutcome(await schema['~standard'].validate(value));
    },
    async route(call: RouteCall, signal): Promise<RouteReply> {
      const { method, path, definition: declared } = found(routes, call.route, 'route');
      const recorder = recordTx(owner, call.now);
      const answered: unknown = await declared.handle({
        params: call.params,
        query: call.query,
        body: call.body,
        principal: call.principal,
        cameras: unpackScope(call.cameras),
        headers: call.headers,
        tx: recorder.tx,
        signal,
      } as never);
      const what = `${name}: ${method} ${path}`;
      if (isReply(answered)) return { ...takenFrom(recorder), answer: packReply(answered, what) };
      if (checkOutput && declared.output !== undefined) {
        const problem = await misfit(declared.output as Schema, answered);
        if (problem !== null)
          throw new HeldarError(
            'internal',
            `${what} answered what its output schema forbids: ${problem.message}`,
          );
      }
      const json = (JSON.stringify(answered) as string | undefined) ?? null;
      return { ...takenFrom(recorder), answer: { json } };
    },
    async handler({ handler, now, event }: HandlerCall, signal): Promise<TxReply> {
      const recorder = recordTx(owner, now);
      await found(handlers, handler, 'handler').run(event as never, { signal, tx: recorder.tx });
      return takenFrom(recorder);
    },
    async job({ job, now }: JobCall, signal): Promise<TxReply> {
      const recorder = recordTx(owner, now);
      await found(jobs, job, 'job').run({ signal, now, tx: recorder.tx });
      return takenFrom(recorder);
    },
    async service({ name: service, args }) {
      const serve = Object.hasOwn(services, service) ? services[service] : undefined;
      if (serve === undefined)
        throw new HeldarError('unavailable', `the service ${name}.${service} is not offered now`);
      return serve(...(args as never[]));
    },
  };
}

function found<Item>(items: readonly Item[], index: number, what: string): Item {
  const item = items[index];
  if (item === undefined) throw new HeldarError('internal', `the plugin has no ${what} ${index}`);
  return item;
}

function takenFrom(recorder: TxRecorder): TxReply {
  const unit = recorder.unit();
  return {
    writes: unit?.writes ?? [],
    events: unit?.events ?? [],
    records: unit?.records ?? [],
    audit: (unit?.audit ?? []).map(({ action, targetType, targetId, cameraId, detail }) => ({
      action,
      target: targetType ?? '',
      targetId,
      cameraId,
      detail,
    })),
  };
}

function packReply({ status, headers, body }: Reply, what: string): RouteReply['answer'] {
  if (body !== null && typeof body !== 'string' && !(body instanceof Uint8Array))
    throw new HeldarError(
      'plugin_failed',
      `${what} answered a stream; out of its own thread or process a plugin answers text or bytes: read the stream first, or run the plugin inline`,
    );
  return { status, headers: { ...headers }, body };
}
