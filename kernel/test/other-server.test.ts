/** Is a camera recorded whose server has nothing to do with ours? GStreamer's, over TCP, and over UDP where it refuses TCP. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { readCameraStatus } from '../src/store/camera-queries.ts';
import { listSegments } from '../src/store/segment-queries.ts';
import { street } from './footage.ts';
import { createMediaRig } from './media-rig.ts';
import { openMediaStore } from './media-store.ts';
import { until } from './until.ts';

const server = fileURLToPath(new URL('other-rtsp-server.py', import.meta.url));
/** The one that the system's packages are installed for. */
const python = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';

async function startServer(transport: 'tcp' | 'udp'): Promise<{ url: string } & AsyncDisposable> {
  const child = spawn(python, [server, street, transport], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const [url] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return {
    url,
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await exited;
    },
  };
}

describe.concurrent("GStreamer's RTSP server", () => {
  test.for(['tcp', 'udp'] as const)('is recorded over %s', async (transport) => {
    await using other = await startServer(transport);
    await using media = await openMediaStore();
    const id = await media.createCamera({
      name: 'Other',
      main_stream_url: other.url,
      segment_seconds: 3,
    });
    await using rig = await createMediaRig(media);
    await rig.fleet.start();
    const segments = () => listSegments(media.store.read, id, {}, 10);
    await until('two segments', () => segments().length >= 2, 40_000);
    expect(readCameraStatus(media.store.read, id)).toMatchObject({ state: 'recording', reconnectCount: 0 });
    await rig.fleet.stop();
    for (const { path, startTime, endTime, ...segment } of segments()) {
      expect(segment).toMatchObject({ codec: 'h264', width: 640 });
      const count = ['-count_frames', '-show_entries', 'stream=nb_read_frames', '-of', 'csv=p=0'];
      const { stdout, stderr } = await execa('ffprobe', [
        '-v',
        'error',
        ...count,
        join(media.recordingsDir, path),
      ]);
      expect(stderr).toBe('');
      // 10 pictures a second.
      expect(Math.abs(Number(stdout) * 100 - (endTime - startTime))).toBeLessThan(1000);
    }
  });
});
