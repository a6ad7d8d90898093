/** All that an AI worker imports. */
export { runWorker } from './run-worker.ts';
export type {
  Analyser,
  AnalyserFactory,
  Analysis,
  FoundObject,
  Frame,
  WorkerEvent,
  WorkerOptions,
  WorkerTask,
} from './analyser.ts';
export type { WorkerClock } from './clock.ts';
