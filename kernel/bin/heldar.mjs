#!/usr/bin/env node
/** How the `heldar` command starts: with a Node that can run it, from the build or from the sources. */
import { existsSync } from 'node:fs';
import module from 'node:module';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  // Before anything is imported: under an older Node the SQLite driver would end the process without a word.
  fail(
    `heldar needs Node 22.18 or newer; this is ${process.versions.node} (${process.execPath})`,
    '`npm start` and `npm run heldar -- <command>` use the Node that is pinned in this project',
  );
}

const fromSources = [...process.execArgv, ...(process.env.NODE_OPTIONS ?? '').split(/\s+/)].some((argument) =>
  /^(?:--conditions=|-C=?)?heldar-source$/.test(argument),
);
const main = new URL(fromSources ? '../src/main.ts' : '../dist/main.js', import.meta.url);
if (!existsSync(main)) {
  fail(`heldar is not built: there is no ${fileURLToPath(main)}`, '`npm run build`, or `npm run setup`');
}

// What a start compiled, the next one reads: a fifth of its time.
module.enableCompileCache();
await import('./quick-resolve.mjs');
const { main: run } = await import(main.href);
// The code and not process.exit(): what is still written or open ends by itself.
process.exitCode = await run(process.argv);

/**
 * @param {string} what
 * @param {string} next
 */
function fail(what, next) {
  process.stderr.write(`✖ ${what}\n  next: ${next}\n`);
  process.exit(1);
}
