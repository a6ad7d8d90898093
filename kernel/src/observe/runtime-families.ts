/** The kernel's own metrics: ingest, consumers, plugins, HTTP, the event loop. */
import type { Family, Point } from './family.ts';

export interface IngestFigures {
  /** These four since the start. */
  readonly batches: number;
  readonly duplicates: number;
  readonly detections: number;
  readonly refusedBusy: number;
  /** Waiting for the writer. */
  readonly queueUnits: number;
  readonly queueBytes: number;
}

export interface ConsumerFigures {
  readonly plugin: string;
  readonly consumer: string;
  /** Records of the log it has not had yet. */
  readonly lagRecords: number;
  readonly parked: number;
}

export interface PluginFigures {
  readonly plugin: string;
  readonly state: string;
  readonly faults: number;
  /** Where its code runs. */
  readonly tier: string;
  /** Unasked ends of its thread or process since its generation began. */
  readonly restarts: number;
  /** Of its thread or process; null inline. */
  readonly memoryBytes: number | null;
  /** In the last window, by budget; null before the first. */
  readonly measured: Readonly<Record<string, number>> | null;
}

/** Seconds that timers came late, since the last scrape. */
export interface LoopDelay {
  readonly mean: number;
  readonly p99: number;
  readonly max: number;
}

export interface RuntimeSample {
  readonly ingest: IngestFigures;
  readonly consumers: readonly ConsumerFigures[];
  /** `faults`: errors of its code that nobody caught, since the start. */
  readonly plugins: readonly PluginFigures[];
  readonly http: { readonly requests: number; readonly streams: number };
  readonly loopDelay: LoopDelay | null;
}

export const runtimeFamilies: readonly Family<RuntimeSample>[] = [
  ingestCounter('heldar_ingest_batches_total', 'Batches stored since the start.', (i) => i.batches),
  ingestCounter('heldar_ingest_duplicates_total', 'Batches recognised as repeats.', (i) => i.duplicates),
  ingestCounter('heldar_ingest_detections_total', 'Detections stored.', (i) => i.detections),
  ingestCounter('heldar_ingest_refused_busy_total', 'Batches refused, queue full.', (i) => i.refusedBusy),
  gauge('heldar_ingest_queue_units', 'Units waiting for the writer.', ({ ingest }) => ingest.queueUnits),
  gauge('heldar_ingest_queue_bytes', 'Bytes of batches waiting.', ({ ingest }) => ingest.queueBytes),
  gauge('heldar_http_requests', 'Requests under way.', ({ http }) => http.requests),
  gauge('heldar_http_streams', 'Open-ended answers under way.', ({ http }) => http.streams),
  {
    type: 'gauge',
    name: 'heldar_consumer_lag_records',
    help: 'Records of the log the consumer has not had yet.',
    labels: ['plugin', 'consumer'],
    read: (sample) => perConsumer(sample, ({ lagRecords }) => lagRecords),
  },
  {
    type: 'gauge',
    name: 'heldar_consumer_parked',
    help: 'Items set aside because the consumer failed on them.',
    labels: ['plugin', 'consumer'],
    read: (sample) => perConsumer(sample, ({ parked }) => parked),
  },
  {
    type: 'gauge',
    name: 'heldar_plugin_state',
    help: '1 for the state each plugin is in.',
    labels: ['plugin', 'state'],
    read: ({ plugins }) => plugins.map(({ plugin, state }) => ({ labels: { plugin, state }, value: 1 })),
  },
  {
    type: 'gauge',
    name: 'heldar_plugin_tier',
    help: '1 for the tier each plugin runs in.',
    labels: ['plugin', 'tier'],
    read: ({ plugins }) => plugins.map(({ plugin, tier }) => ({ labels: { plugin, tier }, value: 1 })),
  },
  {
    type: 'gauge',
    name: 'heldar_plugin_isolate_restarts',
    help: 'Unasked ends of its thread or process since its generation began.',
    labels: ['plugin'],
    read: ({ plugins }) => plugins.map(({ plugin, restarts }) => ({ labels: { plugin }, value: restarts })),
  },
  {
    type: 'gauge',
    name: 'heldar_plugin_isolate_memory_bytes',
    help: 'Memory of the thread or process of a plugin that has one.',
    labels: ['plugin'],
    read: ({ plugins }) =>
      plugins.flatMap(({ plugin, memoryBytes }) =>
        memoryBytes === null ? [] : [{ labels: { plugin }, value: memoryBytes }],
      ),
  },
  {
    type: 'gauge',
    name: 'heldar_plugin_budget_use',
    help: 'What a plugin took in the last window, in the unit of each budget.',
    labels: ['plugin', 'budget'],
    read: ({ plugins }) =>
      plugins.flatMap(({ plugin, measured }) =>
        Object.entries(measured ?? {}).map(([budget, value]) => ({ labels: { plugin, budget }, value })),
      ),
  },
  {
    type: 'counter',
    name: 'heldar_plugin_faults_total',
    help: 'Errors of the plugin that nobody caught, since the start.',
    labels: ['plugin'],
    read: ({ plugins }) => plugins.map(({ plugin, faults }) => ({ labels: { plugin }, value: faults })),
  },
  {
    type: 'gauge',
    name: 'heldar_event_loop_delay_seconds',
    help: 'How late timers came since the last scrape.',
    labels: ['stat'],
    read: ({ loopDelay }) =>
      Object.entries(loopDelay ?? {}).map(([stat, value]) => ({ labels: { stat }, value: Number(value) })),
  },
];

function gauge(name: string, help: string, read: (sample: RuntimeSample) => number): Family<RuntimeSample> {
  return { type: 'gauge', name, help, read };
}

function ingestCounter(
  name: string,
  help: string,
  read: (ingest: IngestFigures) => number,
): Family<RuntimeSample> {
  return { type: 'counter', name, help, read: ({ ingest }) => read(ingest) };
}

function perConsumer(sample: RuntimeSample, read: (figures: ConsumerFigures) => number): Point[] {
  return sample.consumers.map((figures) => ({
    labels: { plugin: figures.plugin, consumer: figures.consumer },
    value: read(figures),
  }));
}
