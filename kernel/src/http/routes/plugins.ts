/** What the plugin host runs, how far its consumers are, and what they could not process. */
import { formatRfc3339, z } from '@heldar/plugin-sdk';
import type { ConsumerStats } from '../../detections/dispatcher.ts';
import { HeldarError } from '../../errors.ts';
import type { HandlerStats } from '../../events/handlers.ts';
import type { BudgetView } from '../../plugins/budget-watch.ts';
import type { Measure } from '../../plugins/budgets.ts';
import type { PluginFailure } from '../../plugins/failure.ts';
import type { HostedPlugin } from '../../plugins/host.ts';
import type { ParkedQueries, ParkedRow } from '../../store/parked-queries.ts';
import type { NewAudit } from '../../store/units.ts';
import { kernelRoute, type KernelRoute } from '../kernel-route.ts';
import { limitParam } from '../query-params.ts';

const failing = z.object({ attempts: z.number().int(), error: z.string() }).nullable();

const failureShape = z
  .object({
    stage: z.string(),
    reason: z.string(),
    place: z.string().nullable(),
    next: z.string(),
  })
  .meta({ id: 'PluginFailure' });

const plugin = z
  .object({
    name: z.string(),
    state: z.enum(['waiting', 'running', 'failed', 'disabled', 'quarantined', 'stopped']),
    version: z.string(),
    required: z.boolean(),
    capabilities: z.array(z.string()),
    requires: z.record(z.string(), z.string()),
    contributions: z
      .object({
        routes: z.array(z.string()),
        consumers: z.array(z.string()),
        handlers: z.array(z.string()),
        jobs: z.array(z.string()),
        services: z.array(z.string()),
      })
      .nullable(),
    consumers: z.array(
      z.object({
        name: z.string(),
        lanes: z.number().int(),
        lag_records: z.number().int(),
        skipped_detections: z.number().int(),
        parked: z.number().int(),
        failing,
      }),
    ),
    handlers: z.array(
      z.object({ name: z.string(), seq: z.number().int(), parked: z.number().int(), failing }),
    ),
    error: failureShape.nullable(),
    /** How many generations of it have served since the start. */
    generation: z.number().int(),
    /** Why its last change was refused; what ran before serves on. */
    refused_change: failureShape.nullable(),
    /** Errors of its code that nobody caught, since the start. */
    faults: z.object({
      count: z.number().int(),
      last: z.object({ reason: z.string(), place: z.string().nullable(), at: z.string() }).nullable(),
    }),
    /** Where its code runs, and how often its thread or process ended unasked since this generation began. */
    isolation: z.object({
      tier: z.enum(['inline', 'worker', 'process']),
      restarts: z.number().int(),
      memory_bytes: z.number().int().nullable(),
      last_end: z.string().nullable(),
    }),
    /** What it took in the last window, of what it may take, and what was last done about it; null values before the first window. */
    budget: z.object({
      level: z.enum(['good', 'warned', 'shed']),
      use: z.array(z.object({ measure: z.string(), measured: z.number().nullable(), limit: z.number() })),
      last_step: z
        .object({
          step: z.enum(['warn', 'shed', 'worker', 'process', 'quarantine', 'recover']),
          reason: z.string(),
          at: z.string(),
        })
        .nullable(),
    }),
    health: z.object({ ok: z.boolean(), detail: z.string().optional() }),
  })
  .meta({ id: 'Plugin' });

const parkedItem = z
  .object({
    id: z.string(),
    plugin: z.string(),
    consumer: z.string(),
    kind: z.enum(['record', 'tick', 'event']),
    lane: z.number().int(),
    seq: z.number().int(),
    error: z.string(),
    attempts: z.number().int(),
    parked_at: z.string(),
    body: z.unknown(),
  })
  .meta({ id: 'ParkedItem' });

export interface PluginRouteDeps {
  plugins(): readonly HostedPlugin[];
  budgetOf(plugin: HostedPlugin): BudgetView;
  health(name: string): Promise<{ ok: boolean; detail?: string }>;
  consumerStats(): ConsumerStats[];
  handlerStats(): HandlerStats[];
  parked: ParkedQueries;
  retryParked(row: ParkedRow): Promise<void>;
  dropParked(id: string, audit: NewAudit): Promise<boolean>;
}

const noCamera = { none: 'about plugins; no camera is named' } as const;

export function pluginRoutes(deps: PluginRouteDeps): KernelRoute[] {
  const find = (id: string) => {
    const row = deps.parked.get(id);
    if (row === undefined) throw new HeldarError('not_found', `parked item ${id} not found`);
    return row;
  };
  return [
    kernelRoute.get('/api/v1/plugins', {
      summary: 'Plugins of the composition: state, version, contributions, lag and errors',
      capability: 'view',
      scope: noCamera,
      output: z.array(plugin),
      handle: () => Promise.all(deps.plugins().map((hosted) => viewOf(deps, hosted))),
    }),
    kernelRoute.get('/api/v1/parked', {
      summary: 'What consumers and handlers could not process, oldest first',
      capability: 'admin',
      scope: { none: 'items of all cameras, for administrators' },
      query: z.object({ limit: limitParam(200, 1, 1000) }),
      output: z.array(parkedItem),
      handle: ({ query }) => deps.parked.list(query.limit).map(parkedView),
    }),
    kernelRoute.post('/api/v1/parked/:id/retry', {
      summary: 'Run a parked item again, out of order',
      capability: 'admin',
      scope: { none: 'items of all cameras, for administrators' },
      audit: { action: 'retry_parked', target: 'parked_item' },
      params: z.object({ id: z.string() }),
      output: z.object({ id: z.string(), retrying: z.literal(true) }),
      status: 202,
      async handle({ params, acting }) {
        const row = find(params.id);
        await acting(row.id, { detail: { plugin: row.plugin, consumer: row.consumer } });
        await deps.retryParked(row);
        return { id: params.id, retrying: true as const };
      },
    }),
    kernelRoute.delete('/api/v1/parked/:id', {
      summary: 'Drop a parked item for good',
      capability: 'admin',
      scope: { none: 'items of all cameras, for administrators' },
      audit: { action: 'drop_parked', target: 'parked_item' },
      params: z.object({ id: z.string() }),
      async handle({ params, audit }) {
        const { id, plugin: owner, consumer } = find(params.id);
        await deps.dropParked(id, audit(id, { detail: { plugin: owner, consumer } }));
      },
    }),
  ];
}

function failureView(why: PluginFailure | null): z.infer<typeof failureShape> | null {
  return why && { stage: why.stage, reason: why.reason, place: why.place, next: why.next };
}

async function viewOf(deps: PluginRouteDeps, hosted: HostedPlugin): Promise<z.infer<typeof plugin>> {
  const { name, state, version, required, definition, manifest, contributions, failure, faults } = hosted;
  const parkedOf = (consumer: string) => deps.parked.countOf(name, consumer);
  return {
    name,
    state,
    version,
    required,
    capabilities: [...(definition?.capabilities ?? [])],
    requires: { ...manifest?.requires },
    contributions: contributions === null ? null : copyOf(contributions),
    consumers: deps
      .consumerStats()
      .filter((stats) => stats.plugin === name)
      .map((stats) => ({
        name: stats.consumer,
        lanes: stats.lanes,
        lag_records: stats.lagRecords,
        skipped_detections: stats.skippedDetections,
        parked: parkedOf(stats.consumer),
        failing: stats.failing,
      })),
    handlers: deps
      .handlerStats()
      .filter((stats) => stats.plugin === name)
      .map((stats) => ({
        name: stats.handler,
        seq: stats.seq,
        parked: parkedOf(stats.handler),
        failing: stats.failing,
      })),
    error: failureView(failure),
    generation: hosted.generation,
    refused_change: failureView(hosted.refusedChange),
    faults: {
      count: faults.count,
      last: faults.last === null ? null : { ...faults.last, at: formatRfc3339(faults.last.at) },
    },
    isolation: isolationOf(hosted),
    budget: budgetView(deps.budgetOf(hosted)),
    health: state === 'running' ? await deps.health(name) : { ok: state === 'disabled' },
  };
}

function isolationOf({ isolation: tier, isolate }: HostedPlugin): z.infer<typeof plugin>['isolation'] {
  return {
    tier,
    restarts: isolate?.deaths ?? 0,
    memory_bytes: isolate === null ? null : Math.round(isolate.memoryBytes),
    last_end: isolate?.lastDeath ?? null,
  };
}

function budgetView({ level, measured, limits, lastStep }: BudgetView): z.infer<typeof plugin>['budget'] {
  return {
    level,
    use: (Object.keys(limits) as Measure[]).map((measure) => ({
      measure,
      measured: measured === null ? null : Math.round(measured[measure] * 10) / 10,
      limit: limits[measure],
    })),
    last_step: lastStep === null ? null : { ...lastStep, at: formatRfc3339(lastStep.at) },
  };
}

function copyOf(contributions: NonNullable<HostedPlugin['contributions']>) {
  const { routes, consumers, handlers, jobs, services } = contributions;
  return {
    routes: [...routes],
    consumers: [...consumers],
    handlers: [...handlers],
    jobs: [...jobs],
    services: [...services],
  };
}

function parkedView(row: ParkedRow): z.infer<typeof parkedItem> {
  return {
    id: row.id,
    plugin: row.plugin,
    consumer: row.consumer,
    kind: row.kind,
    lane: row.lane,
    seq: row.seq,
    error: row.error,
    attempts: row.attempts,
    parked_at: formatRfc3339(row.parked_at),
    body: JSON.parse(row.body) as unknown,
  };
}
