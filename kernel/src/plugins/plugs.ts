/** What has a generation plugged into the kernel, and in which steps does it take another's place? */
import type { Contributions, EventHandler, Job, PluginDefinition } from '@heldar/plugin-sdk';
import type { ConsumerSpec } from '../detections/dispatcher.ts';
import { messageOf } from '../errors.ts';
import { withDeadline } from '../runtime/deadline.ts';
import type { GenerationFacts } from '../store/generations.ts';
import type { Sockets } from './generation.ts';
import { checkSchedule, startJob } from './jobs.ts';
import type { TxOwner } from './tx.ts';

/**
 * Steps of a life. A start is `takeOver` and `takeWork`. A change without a gap is the newer's `takeOver` and, at the same time, the older's
 * `endWork` and then the newer's `takeWork`; last the older's `leave`. Each step may be taken again after its opposite.
 */
export interface Plugs {
  /** @throws HeldarError `plugin_invalid` when it could not take over; nothing is plugged in by asking. */
  check(): void;
  /** Consumers, services and routes serve from now on, in place of those of an older generation. */
  takeOver(): Promise<void>;
  /** Handlers and jobs start: what they do outside is not undone, so the older generation's must have ended. */
  takeWork(): Promise<void>;
  endWork(): Promise<void>;
  /** Handlers, jobs and consumers end, and requests under way: from then on nothing of it changes a table. Routes stay, for requests that are held. */
  pause(): Promise<void>;
  /** All of it goes, but for what a newer generation has replaced. @throws Error naming what did not end in its time. */
  leave(): Promise<void>;
}

interface Ending {
  readonly what: string;
  readonly stop: () => Promise<void>;
}

export function createPlugs(
  sockets: Sockets,
  {
    definition,
    owner,
    facts,
    contributions,
    drainMs,
  }: {
    definition: PluginDefinition;
    owner: TxOwner;
    /** What the journal keeps of it, so that an event tells which code made it. */
    facts: GenerationFacts;
    contributions: Contributions;
    drainMs: number;
  },
): Plugs {
  const { name } = definition;
  const { routes = [], consumers = [], handlers = [], jobs = [], services } = contributions;
  let lanes: Ending[] = [];
  let work: Ending[] = [];
  let requests: Ending[] = [];
  let unmount = () => {};
  let withdraw = () => {};

  const specOf = (consumer: (typeof consumers)[number]): ConsumerSpec => ({
    plugin: name,
    consumes: definition.consumes ?? [],
    definition: consumer as never,
    events: owner.events,
    generation: facts,
  });
  const startConsumer = async (consumer: (typeof consumers)[number]): Promise<Ending> => {
    const attached = await sockets.dispatcher.attach(specOf(consumer));
    return { what: `consumer ${consumer.name}`, stop: () => attached.detach() };
  };
  const startHandler = async (handler: EventHandler): Promise<Ending> => {
    const attached = await sockets.handlers.attach({ owner, handler });
    return { what: `handler ${handler.name}`, stop: () => attached.detach() };
  };
  const runJob = (job: Job): Ending => {
    const onFailed = (error: unknown) => sockets.onJobFailed(name, job.name, error);
    const running = startJob({ ...sockets, owner, job, onFailed });
    return { what: `job ${job.name}`, stop: () => running.stop() };
  };
  const endWork = async () => {
    const ending = work;
    work = [];
    await drain(ending, drainMs);
  };

  return {
    check() {
      for (const consumer of consumers) sockets.dispatcher.check(specOf(consumer));
      for (const job of jobs) checkSchedule(name, job);
      sockets.checkRoutes(owner, routes);
    },
    async takeOver() {
      // When it takes over for the second time its own earlier ones are still here: fenced, and ended with the rest.
      const attaching = await Promise.allSettled(consumers.map(startConsumer));
      lanes.push(...attaching.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : [])));
      for (const end of attaching) if (end.status === 'rejected') throw end.reason;
      withdraw = services === undefined ? () => {} : sockets.services.offer(name, services);
      const mounted = sockets.mountRoutes(owner, routes);
      unmount = () => mounted.unmount();
      requests = [...requests, { what: 'requests under way', stop: () => mounted.idle() }];
    },
    async takeWork() {
      const starting = await Promise.allSettled(handlers.map(startHandler));
      work.push(...starting.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : [])));
      for (const end of starting) if (end.status === 'rejected') throw end.reason;
      work.push(...jobs.map(runJob));
    },
    endWork,
    async pause() {
      const ending = [...lanes, ...requests, ...work];
      lanes = [];
      work = [];
      await drain(ending, drainMs);
    },
    async leave() {
      unmount();
      const ending = [...lanes, ...requests, ...work];
      lanes = [];
      work = [];
      requests = [];
      try {
        await drain(ending, drainMs);
      } finally {
        withdraw();
      }
    },
  };
}

/** All at once: one that hangs does not take the others' time. */
async function drain(all: readonly Ending[], withinMs: number): Promise<void> {
  const ended = await Promise.allSettled(
    all.map(({ what, stop }) => withDeadline(stop(), withinMs, `${what} did not end within ${withinMs} ms`)),
  );
  const problems = ended.flatMap((end) => (end.status === 'rejected' ? [messageOf(end.reason)] : []));
  if (problems.length > 0) throw new Error(problems.join('; '));
}
