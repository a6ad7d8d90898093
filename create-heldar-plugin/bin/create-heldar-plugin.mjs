#!/usr/bin/env node
/** How `npm create heldar-plugin` starts: with a Node that can run what it makes, from the build or from the sources. */
import { existsSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  fail(
    `a Heldar plugin needs Node 22.18 or newer; this is ${process.versions.node} (${process.execPath})`,
    'install Node 24 from https://nodejs.org, then repeat the command',
  );
}

const fromSources = process.execArgv.includes('--conditions=heldar-source');
const main = new URL(fromSources ? '../src/main.ts' : '../dist/main.js', import.meta.url);
if (!existsSync(main)) {
  fail(`create-heldar-plugin is not built: there is no ${fileURLToPath(main)}`, '`npm run build`');
}

const { main: run } = await import(main.href);
// The code and not process.exit(): what is still written ends by itself.
process.exitCode = await run(process.argv.slice(2), {
  cwd: process.cwd(),
  env: process.env,
  isInteractive: process.stdin.isTTY && process.stdout.isTTY && !process.env.CI,
  year: new Date().getFullYear(),
  print: (line) => process.stdout.write(`${line}\n`),
  complain: (line) => process.stderr.write(`${line}\n`),
});

/**
 * @param {string} what
 * @param {string} next
 */
function fail(what, next) {
  process.stderr.write(`✖ ${what}\n  next: ${next}\n`);
  process.exit(1);
}
