/** When does a plugin's process end? With the kernel's, also when the plugin holds its event loop and the kernel was killed. */
import { Worker } from 'node:worker_threads';

/** A thread looks, because the event loop may be held. */
const look = `
const parent = process.ppid;
setInterval(() => { if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL'); }, 1000);
`;

export function endWithKernel(): void {
  process.on('disconnect', () => process.exit());
  new Worker(look, {
    eval: true,
    name: 'heldar-parent-watch',
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 2 },
  }).unref();
}
