/** How does the people counter run? `HELDAR_URL` and `HELDAR_API_KEY` say for which server. */
import { runWorker } from '@heldar/plugin-sdk/worker';
import { log } from './log.ts';
import { openDetector } from './detector.ts';
import { createPeopleAnalyser, trackIds } from './people-analyser.ts';

const stopping = new AbortController();
// Once each: a second signal ends the process the hard way.
process.once('SIGINT', () => stopping.abort());
process.once('SIGTERM', () => stopping.abort());

const detector = await openDetector();
const nextId = trackIds(String(Date.now()));
const watchPeople = () => createPeopleAnalyser(detector, nextId, Date.now);

try {
  await runWorker({
    baseUrl: process.env.HELDAR_URL || 'http://127.0.0.1:8000',
    apiKey: process.env.HELDAR_API_KEY || undefined,
    analysers: { people: watchPeople, detection: watchPeople },
    signal: stopping.signal,
    log,
  });
} finally {
  detector.close();
}
