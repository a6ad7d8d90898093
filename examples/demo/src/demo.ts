/** What does the demo do? Serves footage as a camera, records and samples it, has a worker find people, and prints what the zones make of them. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createKernel, type Kernel } from '@heldar/kernel';
import { createSimulatedCamera } from '@heldar/kernel/simulate';
import { createApi } from './api.ts';
import { freePort } from './free-port.ts';
import { followEvents } from './follow-events.ts';
import { prepareSite } from './prepare-site.ts';
import { startWorker } from './worker-process.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const footage = here('../../media/street.mp4');
const dataDir = here('../../../data/demo');
const cameraPath = '/street';
const preferredPorts = { api: 8000, camera: 8554 };

const stopping = new AbortController();
// A terminal signals the whole group, and whoever started the demo forwards the same: all of them ask for one clean stop.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopping.abort());
/** What to undo, the newest last. */
const undo: (() => Promise<void>)[] = [];

try {
  await run();
} catch (error) {
  if (!stopping.signal.aborted) {
    process.stderr.write(`✖ ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
} finally {
  process.stdout.write('\nStopping …\n');
  for (const step of undo.reverse()) await step();
  process.stdout.write('Everything has stopped.\n');
}

async function run(): Promise<void> {
  const { signal } = stopping;
  say('1/4  camera', `serving ${relativeToHere(footage)} over RTSP, over and over`);
  const camera = createSimulatedCamera({
    file: footage,
    port: await freePort(preferredPorts.camera),
    path: cameraPath,
  });
  await camera.start();
  undo.push(() => camera.stop());

  const port = await freePort(preferredPorts.api);
  say('2/4  kernel', `records and samples it, keeps detections, runs plugins: http://127.0.0.1:${port}`);
  const kernel = await startKernel(port);
  undo.push(() => kernel.stop());

  const api = createApi(`http://127.0.0.1:${port}`);
  const site = await prepareSite(api, camera.url, here('../../people-counter/zones.json'));
  say('3/4  site', `camera '${site.cameraId}', zones ${site.zones.join(' and ')}`);

  const worker = startWorker(here('../../people-counter/src/worker.ts'), `http://127.0.0.1:${port}`, signal);
  undo.push(() => worker.stop());
  say('4/4  worker', 'a people detector and tracker in a process of its own; it needs a few seconds to load');

  process.stdout.write(
    `\nRecordings:  ${relativeToHere(`${kernel.config.settings.recordingsDir}/${site.cameraId}`)}\n` +
      `Timeline:    curl http://127.0.0.1:${port}/api/v1/cameras/${site.cameraId}/timeline\n` +
      `Events:      curl -N http://127.0.0.1:${port}/api/v1/events/stream\n` +
      `Picture:     http://127.0.0.1:${port}/api/v1/cameras/${site.cameraId}/frame\n\n` +
      'People who walk through the zones (Ctrl+C stops everything):\n\n',
  );
  await Promise.race([followEvents(api, signal, (line) => process.stdout.write(`${line}\n`)), worker.failed]);
}

async function startKernel(port: number): Promise<Kernel> {
  const kernel = createKernel({
    config: here('../../compositions/base.ts'),
    cwd: here('../../..'),
    env: {
      ...process.env,
      HELDAR_DATA_DIR: dataDir,
      HELDAR_API_PORT: String(port),
      HELDAR_LOG: process.env['HELDAR_LOG'] ?? 'warn',
      HELDAR_DEFAULT_SEGMENT_SECONDS: process.env['HELDAR_DEFAULT_SEGMENT_SECONDS'] ?? '10',
    },
  });
  if (!existsSync(footage))
    throw new Error(`the footage is missing: ${footage}; restore it with git checkout examples/media`);
  await kernel.start();
  return kernel;
}

function say(step: string, what: string): void {
  process.stdout.write(`${step.padEnd(12)} ${what}\n`);
}

function relativeToHere(path: string): string {
  const cwd = `${process.cwd()}/`;
  return path.startsWith(cwd) ? path.slice(cwd.length) : path;
}
