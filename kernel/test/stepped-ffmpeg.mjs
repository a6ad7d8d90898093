#!/usr/bin/env node
/**
 * ffmpeg on a machine whose clock has been set: what it closes bears the time of that clock, which stands in a file beside this
 * program as ms ahead of the real one.
 */
import { spawn } from 'node:child_process';
import { readFileSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const args = process.argv.slice(2);
const folder = join(args.at(-1) ?? '', '..').replaceAll('%%', '%');
const child = spawn('ffmpeg', args, { stdio: ['inherit', 'pipe', 'inherit'] });
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
createInterface({ input: child.stdout }).on('line', (line) => {
  const file = join(folder, line.slice(0, line.indexOf(',')));
  const aheadMs = Number(readFileSync(join(import.meta.dirname, 'ahead-ms'), 'utf8'));
  const closedAt = (statSync(file).mtimeMs + aheadMs) / 1000;
  utimesSync(file, closedAt, closedAt);
  process.stdout.write(`${line}\n`);
});
child.on('exit', (code) => (process.exitCode = code ?? 1));
