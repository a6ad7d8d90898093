/**
 * What does the kernel cost beside the ffmpeg processes it needs? `npm run bench:recorder -- [--cameras 16] [--seconds 600] [--rounds 3]`.
 * The sample stream is recorded that many times at once; by the kernel, then by bare ffmpeg with the same arguments, in turns. The
 * server of the streams is a process of its own, and is not counted. The stills for scrubbing are off, and then measured apart over
 * `--preview-seconds`. It checks itself: every second of every camera is indexed.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { machineLine, median } from './machine.ts';
import { startBareRecorders } from './recorder/bare.ts';
import { recordWithKernel, type KernelRecording } from './recorder/kernel.ts';
import { startStreamServer } from './recorder/stream-server.ts';
import { slopePerMinute } from './slope.ts';

const { values: flags } = parseArgs({
  options: {
    cameras: { type: 'string', default: '16' },
    seconds: { type: 'string', default: '600' },
    'preview-seconds': { type: 'string', default: '180' },
    rounds: { type: 'string', default: '3' },
    port: { type: 'string', default: '18478' },
  },
});
const cameras = Number(flags.cameras);
const seconds = Number(flags.seconds);
const previewSeconds = Number(flags['preview-seconds']);
const goalRatio = 1.15;
const goalBytes = 250e6;
const lines: string[] = [];
const say = (line: string) => {
  lines.push(line);
  process.stdout.write(`${line}\n`);
};
const percent = (cpuSeconds: number, within = seconds) =>
  `${((cpuSeconds / within) * 100).toFixed(2)} % of a core`;

say(`# recorder, ${cameras} cameras, ${flags.rounds} rounds of ${seconds} s each — ${machineLine()}`);
const server = await startStreamServer();
const kernels: KernelRecording[] = [];
const ratios: number[] = [];
const site = { url: server.url, cameras, port: Number(flags.port) };
try {
  for (let round = 1; round <= Number(flags.rounds); round += 1) {
    const kernel = await recordWithKernel({ ...site, seconds, previews: false });
    const bare = await startBareRecorders({ url: server.url, count: cameras, seconds });
    const ratio = (kernel.kernelCpuSeconds + kernel.mediaCpuSeconds) / bare.cpuSeconds;
    kernels.push(kernel);
    ratios.push(ratio);
    say(
      `round ${round}: kernel ${percent(kernel.kernelCpuSeconds)}, its media processes ${percent(kernel.mediaCpuSeconds)}, ` +
        `bare ffmpeg ${percent(bare.cpuSeconds)}: ${ratio.toFixed(3)} times`,
    );
  }
  if (previewSeconds > 0) {
    const kernel = await recordWithKernel({ ...site, seconds: previewSeconds, previews: true });
    kernels.push(kernel);
    say(
      `with preview stills, ${previewSeconds} s: kernel ${percent(kernel.kernelCpuSeconds, previewSeconds)}, ` +
        `its media processes ${percent(kernel.mediaCpuSeconds, previewSeconds)}`,
    );
  }
} finally {
  await server.stop();
}
const residents = kernels.flatMap(({ resident }) => resident.map(({ bytes }) => bytes));
const growth = kernels.map(({ resident }) => slopePerMinute(resident));
say(
  `all together: ${median(ratios).toFixed(3)} times bare ffmpeg, median of the rounds (goal: ${goalRatio})`,
);
say(
  `resident memory of the kernel: most ${(Math.max(...residents) / 1e6).toFixed(0)} MB (goal: ${goalBytes / 1e6}), ` +
    `${growth.map((bytes) => (bytes / 2 ** 20).toFixed(2)).join(', ')} MiB a minute`,
);
for (const { missing } of kernels) for (const camera of missing) say(`MISSING ${camera}`);
mkdirSync(new URL('../results/', import.meta.url), { recursive: true });
writeFileSync(new URL('../results/recorder.txt', import.meta.url), `${lines.join('\n')}\n`);
if (kernels.some(({ missing }) => missing.length > 0)) process.exitCode = 1;
