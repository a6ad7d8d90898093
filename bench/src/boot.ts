/**
 * How long does `heldar start` take with 20 empty plugins, from the command to listening with every plugin started?
 * `npm run bench:boot -- [--plugins 20] [--runs 7]`. The built command, as a user runs it, supervised; prints the tree of the median run.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { machineLine, median } from './machine.ts';

const { values: flags } = parseArgs({
  options: { plugins: { type: 'string', default: '20' }, runs: { type: 'string', default: '7' } },
});
const command = fileURLToPath(new URL('../../kernel/bin/heldar.mjs', import.meta.url));
const goalMs = 800;

interface Boot {
  /** From the spawn of the command to its word that it serves, ms. */
  readonly ms: number;
  readonly tree: string;
}

const lines: string[] = [];
const say = (line: string) => {
  lines.push(line);
  process.stdout.write(`${line}\n`);
};

const folder = mkdtempSync(join(tmpdir(), 'heldar-bench-boot-'));
try {
  writeSite(folder, Number(flags.plugins));
  say(`# boot, ${flags.plugins} empty plugins — ${machineLine()}`);
  const first = await boot(folder);
  say(`first start, on an empty data folder: ${first.ms.toFixed(0)} ms`);
  const boots: Boot[] = [];
  for (let run = 0; run < Number(flags.runs); run += 1) boots.push(await boot(folder));
  const middle = median(boots.map(({ ms }) => ms));
  say(`later starts: ${boots.map(({ ms }) => ms.toFixed(0)).join(', ')} ms`);
  say(`median: ${middle.toFixed(0)} ms (goal: ${goalMs} ms)`);
  say(boots.find(({ ms }) => ms === middle)?.tree ?? '');
} finally {
  rmSync(folder, { recursive: true, force: true });
}
mkdirSync(new URL('../results/', import.meta.url), { recursive: true });
writeFileSync(new URL('../results/boot.txt', import.meta.url), `${lines.join('\n')}\n`);

/** Packages as `npm create heldar-plugin` would leave them behind a build, with nothing in them. */
function writeSite(site: string, plugins: number): void {
  const scope = fileURLToPath(new URL('../../node_modules/@heldar', import.meta.url));
  mkdirSync(join(site, 'node_modules'));
  symlinkSync(scope, join(site, 'node_modules/@heldar'));
  const names = Array.from({ length: plugins }, (_, index) => `empty-${String(index + 1).padStart(2, '0')}`);
  for (const name of names) {
    mkdirSync(join(site, name));
    const manifest = {
      name: `@bench/${name}`,
      version: '1.0.0',
      type: 'module',
      heldar: { name },
      peerDependencies: { '@heldar/plugin-sdk': '*' },
    };
    writeFileSync(join(site, name, 'package.json'), JSON.stringify(manifest));
    writeFileSync(
      join(site, name, 'index.js'),
      `import { definePlugin } from '@heldar/plugin-sdk';\nexport default definePlugin({ name: '${name}', setup: () => ({}) });\n`,
    );
  }
  const entries = names.map((name) => `use(() => import('./${name}/index.js'))`).join(', ');
  writeFileSync(
    join(site, 'heldar.config.js'),
    `import { defineConfig, use } from '@heldar/plugin-sdk';\nexport default defineConfig({ plugins: [${entries}] });\n`,
  );
  writeFileSync(join(site, 'package.json'), '{ "type": "module" }');
}

async function boot(site: string): Promise<Boot> {
  const started = performance.now();
  const child = spawn(process.execPath, [command, 'start', '--trace-boot'], {
    cwd: site,
    env: {
      PATH: process.env['PATH'],
      NODE_ENV: 'production',
      HELDAR_DATA_DIR: join(site, 'data'),
      HELDAR_API_PORT: '0',
      HELDAR_LOG: 'warn',
    },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  let tree = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (tree += text));
  const exited = once(child, 'exit') as Promise<[number | null]>;
  await Promise.race([
    once(child, 'message'),
    exited.then(([code]) => {
      throw new Error(`heldar ended with ${code} before it served`);
    }),
  ]);
  const ms = performance.now() - started;
  child.kill('SIGTERM');
  await exited;
  return { ms, tree: tree.trimEnd() };
}
