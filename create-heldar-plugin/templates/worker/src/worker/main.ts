#!/usr/bin/env node
/** The worker's process: `HELDAR_URL` and `HELDAR_API_KEY` say for which server. */
import { runWorker } from '@heldar/plugin-sdk/worker';
import { taskType } from '../picture.ts';
import { analyse } from './analyse.ts';
import { log } from './log.ts';

const stopping = new AbortController();
// Once each: a second signal ends the process the hard way.
process.once('SIGINT', () => stopping.abort());
process.once('SIGTERM', () => stopping.abort());

await runWorker({
  baseUrl: process.env['HELDAR_URL'] || 'http://127.0.0.1:8000',
  apiKey: process.env['HELDAR_API_KEY'] || undefined,
  analysers: { [taskType]: () => ({ analyse }) },
  signal: stopping.signal,
  log,
});
