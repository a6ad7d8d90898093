/** Does a plugin that only its module names, and that is then not to run, leave no isolate behind? */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { startSite } from './site-rig.ts';

const plugin = (name: string) => ({
  [`${name}/package.json`]: JSON.stringify({
    type: 'module',
    peerDependencies: { '@heldar/plugin-sdk': '^0.1.0' },
    heldar: { isolation: 'process' },
  }),
  [`${name}/index.ts`]: `import { writeFileSync } from 'node:fs';
import { definePlugin } from '@heldar/plugin-sdk';
writeFileSync(new URL('pid', import.meta.url), String(process.pid));
export default definePlugin({ name: '${name}', isolation: 'process', setup: () => ({}) });
`,
});

const composition = `import { defineConfig } from '@heldar/plugin-sdk';
export default defineConfig({
  plugins: ['./runs/index.ts', './kept-out/index.ts', './switched-off/index.ts'],
  disable: ['switched-off'],
});
`;

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test(
  'switched off or in quarantine, its process ends; that of one that runs goes on',
  { timeout: 60_000 },
  async () => {
    const kept = {
      plugin: 'kept-out',
      label: 'kept-out',
      place: null,
      blockedMs: 0,
      at: 0,
      reason: 'too big',
    };
    await using site = await startSite(
      {
        ...plugin('runs'),
        ...plugin('kept-out'),
        ...plugin('switched-off'),
        'heldar.config.ts': composition,
        'data/quarantine.json': JSON.stringify([kept]),
      },
      { cameras: [] },
    );
    const pidOf = (name: string) => Number(readFileSync(site.folder.file(`${name}/pid`), 'utf8'));
    const states = (await site.plugins()).map(({ name, state }) => [name, state]);
    expect(states).toEqual([
      ['runs', 'running'],
      ['kept-out', 'quarantined'],
      ['switched-off', 'disabled'],
    ]);
    for (const name of ['kept-out', 'switched-off']) expect(isAlive(pidOf(name))).toBe(false);
    expect(isAlive(pidOf('runs'))).toBe(true);
  },
);
