/** What do the same ffmpeg processes cost with nobody around them? */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeSource } from '../../../kernel/src/media/source.ts';
import { recordingArgs } from '../../../kernel/src/recording/argv.ts';
import { cpuOf } from './cpu.ts';
import { segmentSeconds } from './kernel.ts';

export async function startBareRecorders(options: {
  url: string;
  count: number;
  seconds: number;
}): Promise<{ cpuSeconds: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'heldar-bench-bare-'));
  const source = describeSource(options.url, { socketTimeoutMs: 4000 });
  const children = Array.from({ length: options.count }, (_, index) => {
    const own = join(folder, `camera-${index}`);
    mkdirSync(own);
    const args = recordingArgs({
      source,
      streams: { videoCodec: 'h264', audioCodec: null },
      recordAudio: false,
      segmentSeconds,
      folder: own,
      run: 'w0123456789abcdef',
    });
    const child = spawn('ffmpeg', args, { stdio: ['pipe', 'ignore', 'ignore'] });
    child.stdin.end(source.script);
    return child;
  });
  await sleep(options.seconds * 1000);
  const used = children.map(({ pid }) => (pid === undefined ? null : cpuOf(pid)));
  const cpuSeconds = used.reduce((sum, cpu) => sum + (cpu?.ownSeconds ?? Number.NaN), 0);
  const ended = children.map((child) => once(child, 'exit'));
  for (const child of children) child.kill('SIGKILL');
  await Promise.all(ended);
  rmSync(folder, { recursive: true, force: true });
  return { cpuSeconds };
}
