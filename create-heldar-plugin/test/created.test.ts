/** From nothing to an edit that is live: does every template make a project that checks, passes its tests, builds, and runs in a kernel? */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningHeldar, startDev } from '../../kernel/test/heldar-command.ts';
import { until } from '../../kernel/test/until.ts';
import { type Template, templates } from '../src/choices.ts';
import { installBuilt, type Installed, runNpm } from './installed.ts';
import { trials } from './tried-templates.ts';

let installed: Installed;

beforeAll(async () => {
  installed = await installBuilt();
}, 120_000);
afterAll(() => installed[Symbol.dispose]());

test.for(Object.keys(templates) as Template[])(
  '%s: create, link the packages, typecheck, test, build, run, edit',
  { timeout: 300_000 },
  async (template) => {
    const watch = stopwatch(template);
    const project = join(installed.folder, template);
    const program = installed.bin('create-heldar-plugin', 'create-heldar-plugin');
    const flags = ['--yes', '--template', template, '--name', 'parking-lot', '--no-install', '--no-git'];
    const made = await execa(process.execPath, [program, template, ...flags], { cwd: installed.folder });
    expect(made.stdout).toMatch(/Next:\n {2}cd \w+\n {2}npm install\n {2}npm run dev$/);
    symlinkSync(installed.nodeModules, join(project, 'node_modules'));
    watch.lap('create');

    await runNpm(['run', 'typecheck'], project);
    watch.lap('typecheck');
    const { all } = await runNpm(['test'], project);
    expect(all).toMatch(/Tests +\d+ passed \(\d+\)/);
    expect(all).toContain('conformance.test.ts');
    watch.lap('test');
    await runNpm(['run', 'build'], project);
    watch.lap('build');

    expect(scriptsOf(project)).toMatchObject({ dev: 'heldar dev' });
    {
      await using heldar = await startDev(project, [], [installed.bin('@heldar/kernel', 'heldar')]);
      const camera = { id: 'gate', name: 'Gate', record_enabled: false };
      expect((await heldar.call('POST', '/api/v1/cameras', camera)).status).toBe(201);
      await trials[template]({
        heldar,
        async edit(path, before, after) {
          const told = heldar.out.length;
          const text = readFileSync(join(project, path), 'utf8');
          expect(text).toContain(before);
          writeFileSync(join(project, path), text.replace(before, after));
          const reloaded = `✔ parking-lot reloaded`;
          await until(`${path} is taken over: ${heldar.out.join('\n')}${heldar.lines.join('\n')}`, () =>
            heldar.out.slice(told).some((line) => line.startsWith(reloaded) && line.includes(path)),
          );
        },
      });
      if (template === 'worker') await findsItsTask(project, heldar);
      expect(heldar.starts).toBe(1);
    }
    watch.lap('dev');
    watch.print();
  },
);

/** The worker as a process of its own, from `npm run build`: it takes its task up, and ends when told to. */
async function findsItsTask(project: string, heldar: RunningHeldar): Promise<void> {
  await heldar.call('POST', '/api/v1/cameras/gate/ai-tasks', { task_type: 'picture', fps: 1 });
  const worker = spawn(process.execPath, [join(project, 'dist/worker/main.js')], {
    env: { HELDAR_URL: heldar.origin },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(worker, 'exit');
  let said = '';
  worker.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  await until('the worker takes up its task', () => said.includes('task started'));
  worker.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
}

function scriptsOf(project: string): unknown {
  return (JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as { scripts: unknown }).scripts;
}

/** How long each step took, in one line. */
function stopwatch(name: string) {
  const laps: string[] = [];
  const startedAt = performance.now();
  let last = startedAt;
  const seconds = (since: number) => ((performance.now() - since) / 1000).toFixed(1);
  return {
    lap(step: string) {
      laps.push(`${step} ${seconds(last)} s`);
      last = performance.now();
    },
    print: () => process.stdout.write(`${name}: ${seconds(startedAt)} s (${laps.join(', ')})\n`),
  };
}
