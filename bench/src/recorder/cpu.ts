/** How much CPU has a process used, and which processes are its children? From Linux's `/proc`. */
import { readdirSync, readFileSync } from 'node:fs';

/** USER_HZ: what `/proc` counts in, on all Linux of today. */
const ticksPerSecond = 100;

export interface ProcessCpu {
  readonly pid: number;
  readonly parent: number;
  /** Its own, s. */
  readonly ownSeconds: number;
  /** Of the children that have ended and were collected, s. */
  readonly endedSeconds: number;
}

/** null: it is gone. */
export function cpuOf(pid: number): ProcessCpu | null {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return null;
  }
  // The name in brackets may hold anything. After it: state, parent, and from the 12th on utime, stime, cutime, cstime.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [utime = 0, stime = 0, cutime = 0, cstime = 0] = fields.slice(11, 15).map(Number);
  return {
    pid,
    parent: Number(fields[1]),
    ownSeconds: (utime + stime) / ticksPerSecond,
    endedSeconds: (cutime + cstime) / ticksPerSecond,
  };
}

export function childrenOf(parent: number): ProcessCpu[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => cpuOf(Number(name)) ?? [])
    .filter((found) => found.parent === parent);
}
