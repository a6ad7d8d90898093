/**
 * How long from a save to a plugin of 24 modules that serves it, and what does each reload leave in memory?
 * `npm run bench:reload -- [--saves 100] [--reloads 500]`. A kernel as `heldar dev` runs it, in this process. The baseline of the same run
 * is what a save costs without Heldar: from the write until chokidar has told of it, debounced alike.
 */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startDevSession } from '@heldar/kernel/dev';
import { watch } from 'chokidar';
import { machineLine, quantile } from './machine.ts';

const { values: flags } = parseArgs({
  options: { saves: { type: 'string', default: '100' }, reloads: { type: 'string', default: '500' } },
});
const collect = globalThis.gc;
if (collect === undefined) throw new Error('run it with --expose-gc, as npm run bench:reload does');
/** Of every generation: what its `setup` closed over. */
const generations: WeakRef<object>[] = [];
Object.assign(globalThis, { heldarGenerations: generations });

const lines: string[] = [];
const say = (line: string) => {
  lines.push(line);
  process.stdout.write(`${line}\n`);
};

const debounceMs = 30;
const modules = 24;
const site = realpathSync(mkdtempSync(join(tmpdir(), 'heldar-bench-reload-')));
try {
  writeSite();
  say(`# reload of a plugin of ${modules} modules — ${machineLine()}`);
  const floor = await measureWatch(40);
  let live: (() => void) | null = null;
  const failures: string[] = [];
  const session = await startDevSession({
    cwd: site,
    env: { PATH: process.env['PATH'], HELDAR_API_PORT: '0', HELDAR_LOG: 'error' },
    blockLimitMs: null,
    print: (line) => (line.startsWith('✔') ? live?.() : void failures.push(line)),
    onRestartNeeded: (file) => void failures.push(file),
  });
  const save = async (version: number): Promise<number> => {
    const done = new Promise<void>((resolve) => (live = resolve));
    const began = performance.now();
    writeLeaf(version);
    await done;
    return performance.now() - began;
  };
  for (let warm = 0; warm < 10; warm += 1) await save(-warm - 1);
  const saves: number[] = [];
  for (let count = 1; count <= Number(flags.saves); count += 1) {
    await apart();
    saves.push(await save(count));
  }
  const answer = await session.kernel.inject('/api/v1/plugins/large/version');
  if ((await answer.json()) !== Number(flags.saves)) throw new Error('the last save does not serve');
  tell('save to live', saves, 'goal: p50 ≤ 60, p95 ≤ 150');
  tell(`of that, until the watcher tells of it (debounce ${debounceMs} ms)`, floor);
  say(`ratio of the medians: ${(at(saves, 0.5) / at(floor, 0.5)).toFixed(2)}`);

  const settle = async () => {
    for (let round = 0; round < 5; round += 1) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      collect();
    }
    return process.memoryUsage().heapUsed;
  };
  const before = await settle();
  for (let count = 1; count <= Number(flags.reloads); count += 1) await save(100_000 + count);
  const kept = (await settle()) - before;
  const alive = generations.filter((one) => one.deref() !== undefined).length;
  say(
    `heap kept a reload, over ${flags.reloads}: ${(kept / Number(flags.reloads) / 1024).toFixed(1)} KiB (goal: ≤ 20)`,
  );
  say(`generations alive of ${generations.length}: ${alive} (goal: 1, the one that serves)`);
  if (failures.length > 0) throw new Error(failures.join('\n'));
  await session.stop();
} finally {
  rmSync(site, { recursive: true, force: true });
}
mkdirSync(new URL('../results/', import.meta.url), { recursive: true });
writeFileSync(new URL('../results/reload.txt', import.meta.url), `${lines.join('\n')}\n`);

/** chokidar drops a change within 50 ms of the one before, and a save is looked at again after 80 ms: nobody saves that fast. */
async function apart(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 100));
}

function at(values: readonly number[], share: number): number {
  return quantile(
    [...values].sort((a, b) => a - b),
    share,
  );
}

function tell(what: string, values: readonly number[], goal = ''): void {
  say(
    `${what}: p50 ${at(values, 0.5).toFixed(1)}, p95 ${at(values, 0.95).toFixed(1)} ms${goal === '' ? '' : ` (${goal})`}`,
  );
}

function writeLeaf(version: number): void {
  writeFileSync(join(site, 'large/src/leaf.ts'), `export const version: number = ${version};\n`);
}

/** The leaf is imported through a chain of half of the modules; the others hang off the entry. */
function writeSite(): void {
  mkdirSync(join(site, 'large/src'), { recursive: true });
  mkdirSync(join(site, 'node_modules'));
  symlinkSync(
    fileURLToPath(new URL('../../node_modules/@heldar', import.meta.url)),
    join(site, 'node_modules/@heldar'),
  );
  const write = (name: string, text: string) => writeFileSync(join(site, name), text);
  write('package.json', '{ "type": "module" }');
  write('heldar.config.ts', `export default { plugins: ['./large/src/index.ts'] };\n`);
  write(
    'large/package.json',
    JSON.stringify({
      name: '@bench/large',
      version: '1.0.0',
      type: 'module',
      heldar: { name: 'large' },
      peerDependencies: { '@heldar/plugin-sdk': '*' },
    }),
  );
  const chain = modules / 2;
  for (let index = 1; index < chain; index += 1)
    write(
      `large/src/chain-${index}.ts`,
      `${index === 1 ? `export { version } from './leaf.ts'` : `export { version } from './chain-${index - 1}.ts'`};\nexport const size${index} = new Array<number>(100).fill(${index});\n`,
    );
  const rest = Array.from({ length: modules - chain - 1 }, (_, index) => index);
  for (const index of rest)
    write(
      `large/src/side-${index}.ts`,
      `export const side${index} = new Array<number>(100).fill(${index});\n`,
    );
  writeLeaf(0);
  write(
    'large/src/index.ts',
    `import { consumer, definePlugin, every, onEvent, route, z } from '@heldar/plugin-sdk';
import { version } from './chain-${chain - 1}.ts';
${rest.map((index) => `import { side${index} } from './side-${index}.ts';`).join('\n')}
declare global { var heldarGenerations: WeakRef<object>[]; }
export default definePlugin({
  name: 'large',
  consumes: '*',
  emits: { seen: z.object({ n: z.number() }) },
  capabilities: ['events:emit'],
  setup() {
    const held = { version, sides: [${rest.map((index) => `side${index}`).join(', ')}] };
    globalThis.heldarGenerations.push(new WeakRef(held));
    return {
      consumers: [consumer({ name: 'all', consume(batch, fx) { fx.state.set('n', held.sides.length); } })],
      handlers: [onEvent('seen', () => void held.version)],
      jobs: [every('1h', 'nothing', () => void held.version)],
      services: { version: async () => held.version },
      routes: [route.get('/version', { capability: 'view', scope: { none: 'a bench' }, output: z.number(), handle: () => held.version })],
      health: () => ({ ok: true }),
    };
  },
});
`,
  );
}

async function measureWatch(count: number): Promise<number[]> {
  const folder = join(site, 'floor');
  mkdirSync(folder);
  const file = join(folder, 'x.ts');
  writeFileSync(file, '0');
  let told = () => {};
  let timer: NodeJS.Timeout | undefined;
  const watcher = watch([folder], { ignoreInitial: true });
  watcher.on('all', () => {
    clearTimeout(timer);
    timer = setTimeout(() => told(), debounceMs);
  });
  await new Promise<void>((resolve) => watcher.once('ready', () => resolve()));
  const values: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const done = new Promise<void>((resolve) => (told = resolve));
    const began = performance.now();
    writeFileSync(file, String(index + 1));
    await done;
    values.push(performance.now() - began);
    await apart();
  }
  await watcher.close();
  rmSync(folder, { recursive: true });
  return values;
}
