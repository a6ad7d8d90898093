/** The command in this process: what it prints, and how it ends. */
import process from 'node:process';
import { main } from '../src/main.ts';
import type { Surroundings } from '../src/surroundings.ts';

export interface Ended {
  readonly code: number;
  /** Lines. */
  readonly out: readonly string[];
  readonly err: readonly string[];
}

/** With nobody to ask. */
export async function runMain(
  args: readonly string[],
  cwd: string,
  fields: Partial<Surroundings> = {},
): Promise<Ended> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await main(args, {
    cwd,
    env: { PATH: process.env['PATH'] },
    isInteractive: false,
    year: 2026,
    print: (line) => void out.push(...line.split('\n')),
    complain: (line) => void err.push(line),
    ...fields,
  });
  return { code, out, err };
}
