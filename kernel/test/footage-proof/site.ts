/** The real kernel in a process of its own, with the cameras of the proof, that can be killed and started again. */
import { readdir, readFile } from 'node:fs/promises';
import { folderWith, type TemporaryFolder } from '../folder-with.ts';
import { startHeldar, type RunningHeldar } from '../heldar-command.ts';
import { until } from '../until.ts';
import { sources, type SourceName } from './sources.ts';
import { watchCamera, type WatchedCamera } from './watched-camera.ts';

export interface ProofSite extends AsyncDisposable {
  readonly folder: TemporaryFolder;
  readonly cameras: readonly WatchedCamera[];
  /** Process of the camera's recorder. */
  recorderPid(name: SourceName): Promise<number>;
  /** The one that runs now. */
  readonly heldar: RunningHeldar;
  start(): Promise<void>;
  /** Resolves when each of the cameras has pictures in a file begun after that wall-clock time, ms, and has met its fault. */
  recorded(cameras: readonly WatchedCamera[], sinceMs: number): Promise<void>;
  openDescriptors(): Promise<number>;
}

const variables = { HELDAR_RECORDER_ENABLED: 'true', HELDAR_LOG: 'info', HELDAR_MIN_FREE_DISK_GB: '0' };

export async function startProofSite(
  names: readonly SourceName[],
  segmentSeconds: number,
): Promise<ProofSite> {
  const folder = folderWith({ 'heldar.config.ts': 'export default {};\n' });
  const start = () => startHeldar(folder.path, ['--no-supervise'], variables);
  const cameras = await Promise.all(
    names.map((name) => watchCamera(name, folder.file(`data/recordings/${name}`))),
  );
  let heldar = await start();
  for (const { name, camera } of cameras) {
    const body = {
      id: name,
      name,
      main_stream_url: camera.url,
      segment_seconds: segmentSeconds,
      record_audio: sources[name].recordAudio,
    };
    const { status, body: answer } = await heldar.call('POST', '/api/v1/cameras', body);
    if (status !== 201) throw new Error(`camera ${name}: ${status} ${JSON.stringify(answer)}`);
  }
  const site: ProofSite = {
    folder,
    cameras,
    get heldar() {
      return heldar;
    },
    async start() {
      heldar = await start();
    },
    recorderPid: (name) =>
      until(`the recorder of ${name}`, async () => {
        const { body } = await heldar.call('GET', `/api/v1/cameras/${name}/health`);
        return (body as { recorder_pid: number | null }).recorder_pid;
      }),
    async recorded(wanted, sinceMs) {
      for (const { name, camera, writtenSince } of wanted) {
        await until(`pictures of ${name}`, async () => (await writtenSince(sinceMs)) > 0, 120_000);
        const { fault } = sources[name];
        if (fault !== null) await camera.order(fault);
      }
    },
    openDescriptors: async () => (await readdir(`/proc/${heldar.pid}/fd`)).length,
    async [Symbol.asyncDispose]() {
      await heldar.stop();
      await Promise.all(cameras.map((camera) => camera[Symbol.asyncDispose]()));
      folder[Symbol.dispose]();
    },
  };
  await site.recorded(cameras, 0);
  return site;
}

/** Children of that process that have ended and were not collected. */
export async function zombiesOf(parent: number): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found: number[] = [];
  for (const pid of pids) {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    // The name in brackets may hold anything.
    const [state, ppid] = text.slice(text.lastIndexOf(')') + 2).split(' ');
    if (state === 'Z' && Number(ppid) === parent) found.push(Number(pid));
  }
  return found;
}
