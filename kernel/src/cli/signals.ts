/** When has somebody asked this process to stop? */
import { once } from 'node:events';

/**
 * Resolves on SIGINT, SIGTERM, or when the process that supervises this one is gone. A second signal finds no listener any more and
 * ends the process at once.
 */
export async function untilToldToStop(): Promise<void> {
  const heard = new AbortController();
  const { signal } = heard;
  const told = [once(process, 'SIGINT', { signal }), once(process, 'SIGTERM', { signal })];
  if (process.channel !== undefined) told.push(once(process, 'disconnect', { signal }));
  try {
    await Promise.race(told);
  } finally {
    heard.abort();
    for (const waiting of told) waiting.catch(() => undefined);
  }
}
