/** When has somebody asked this process to stop? */

/** A terminal signals the whole group and a parent may forward the same: signals this close together are one request. */
const oneRequestMs = 1000;

/**
 * Resolves on SIGINT, SIGTERM, or when the process that supervises this one is gone. A later signal ends the process at once, for a
 * stop that hangs.
 */
export function untilToldToStop(): Promise<void> {
  return new Promise((resolve) => {
    let toldAt: number | null = null;
    const told = () => {
      if (toldAt !== null && performance.now() - toldAt > oneRequestMs) process.exit(130);
      toldAt ??= performance.now();
      resolve();
    };
    process.on('SIGINT', told);
    process.on('SIGTERM', told);
    if (process.channel !== undefined) process.once('disconnect', told);
  });
}
