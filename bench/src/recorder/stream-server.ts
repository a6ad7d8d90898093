/** The camera that all record: `heldar simulate` in a process of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const command = fileURLToPath(new URL('../../../kernel/bin/heldar.mjs', import.meta.url));
const sample = fileURLToPath(new URL('../../../examples/media/street.mp4', import.meta.url));

export async function startStreamServer(): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const child = spawn(process.execPath, [command, 'simulate', sample, '--port', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const [first] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const url = / is now a camera: (\S+)$/.exec(first)?.[1];
  if (url === undefined) throw new Error(`the camera said: ${first}`);
  return {
    url,
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
