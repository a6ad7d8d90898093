/** How recordings are named: while they are written, and once they are closed. */
import { newHex } from '../ids.ts';

/** `w` and 16 hex digits of time and chance: no two runs share one. */
export function newRunId(now: number): string {
  return `w${newHex(now).slice(0, 16)}`;
}

const openFile = /^(w[0-9a-f]{16})_(\d{6,})\.mp4$/;
const closedFile = /^\d{8}_\d{6}\.mp4$/;

/** The name ffmpeg gives to the file with this index, counted from 0. */
export function openFileName(run: string, index: number): string {
  return `${run}_${String(index).padStart(6, '0')}.mp4`;
}

/** ffmpeg's pattern for the same; percent signs of the folder are literal. */
export function openFilePattern(folder: string, run: string): string {
  return `${folder.replaceAll('%', '%%')}/${run}_%06d.mp4`;
}

export function parseOpenFileName(name: string): { run: string; index: number } | undefined {
  const [, run, index] = openFile.exec(name) ?? [];
  return run === undefined || index === undefined ? undefined : { run, index: Number(index) };
}

export function isClosedFileName(name: string): boolean {
  return closedFile.test(name);
}

/** `YYYYMMDD_HHMMSS.mp4` of the UTC second that holds `ms`. */
export function closedFileName(ms: number): string {
  const digits = new Date(ms).toISOString().replaceAll(/[-:]/g, '');
  return `${digits.slice(0, 8)}_${digits.slice(9, 15)}.mp4`;
}

/** The second a closed file's name states, ms since the epoch. */
export function timeOfClosedFile(name: string): number | undefined {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d{2})(\d{2})_(\d{2})(\d{2})(\d{2})\.mp4$/.exec(name) ?? [];
  const ms = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(ms) ? undefined : ms;
}
