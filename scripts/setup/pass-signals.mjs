/** Which signals reach the script that the setup was for. */
import { readFileSync } from 'node:fs';
import process from 'node:process';

/**
 * Passes on what tells us to end, and says to end when whoever started us is gone.
 * @param {(signal: NodeJS.Signals) => void} send
 * @returns {{ wasTold(): boolean, stop(): void }}
 */
export function passSignalsOn(send) {
  let isTold = false;
  const pass = (/** @type {NodeJS.Signals} */ signal) => {
    isTold = true;
    send(signal === 'SIGHUP' ? 'SIGTERM' : signal);
  };
  /** @type {readonly NodeJS.Signals[]} */
  const signals = ignoresHangUp() ? ['SIGINT', 'SIGTERM'] : ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, pass);
  // npm tells its shell to end, and the shell does so without a word to us.
  const parent = process.ppid;
  const isOfNpm = process.env['npm_lifecycle_event'] !== undefined;
  const watch = setInterval(() => {
    if (isOfNpm && !isTold && process.ppid !== parent) pass('SIGTERM');
  }, 250);
  return {
    wasTold: () => isTold,
    stop() {
      clearInterval(watch);
      for (const signal of signals) process.off(signal, pass);
    },
  };
}

/** Whether we were started with nohup: a listener would undo that. */
function ignoresHangUp() {
  if (process.platform !== 'linux') return false;
  const ignored = /^SigIgn:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
  return (BigInt(`0x${ignored}`) & 1n) === 1n;
}
