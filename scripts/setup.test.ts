import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { lockOf, projectWith } from './test/project.ts';
import type { Project } from './test/project.ts';

const realPath = { PATH: process.env['PATH'] ?? '' };
const asRoot = process.getuid?.() === 0;
const sudo = asRoot ? '' : 'sudo -n ';

const calls = ({ path }: Project) => readFileSync(join(path, 'calls'), 'utf8').split('\n').length - 1;

/** A project whose packages count as installed, with ffmpeg and ffprobe. */
async function readyProject(packageJson: object = {}, files: Record<string, string> = {}): Promise<Project> {
  const project = projectWith(packageJson, files);
  for (const name of ['ffmpeg', 'ffprobe']) project.program(name);
  expect(await project.setup([], realPath)).toMatchObject({ code: 0 });
  return project;
}

describe('npm packages', () => {
  test('are installed when they are missing, and again only when the lock has changed', async () => {
    using project = await readyProject();
    const file = join(project.path, 'node_modules/.heldar-setup.json');
    expect(existsSync(file)).toBe(true);
    expect(await project.setup()).toMatchObject({ code: 0, out: '', err: '' });

    const manifest = { name: 'site', version: '1.0.0', private: true, devDependencies: { dep: 'file:dep' } };
    project.write('package.json', JSON.stringify(manifest));
    project.write('package-lock.json', lockOf(manifest));
    project.write('dep/package.json', '{ "name": "dep", "version": "1.0.0" }');
    const again = await project.setup([], realPath);
    expect(again).toMatchObject({ code: 0 });
    expect(again.err).toBe('setup: package-lock.json has changed: running npm ci --ignore-scripts\n');
    expect(existsSync(join(project.path, 'node_modules/dep/package.json'))).toBe(true);
    expect(await project.setup()).toMatchObject({ code: 0, err: '' });

    // What npm has installed itself is not installed once more.
    rmSync(file);
    expect(await project.setup()).toMatchObject({ code: 0, err: '' });
    expect(existsSync(file)).toBe(true);
  });

  test('that cannot be installed end the setup with what to do, and are tried again', async () => {
    using project = projectWith({ devDependencies: { dep: 'file:dep' } });
    project.write('package-lock.json', lockOf({}));
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const { code, err } = await project.setup([], realPath);
      expect(code).toBe(1);
      expect(err).toMatch(/^setup: there is no node_modules: running npm ci --ignore-scripts\n/);
      expect(err).toContain('✖ npm ci failed with 1; what it says stands above\n  next: where it says that');
    }
  });
});

describe('Node', () => {
  test('older than 20 is told before anything is done', async () => {
    using project = projectWith(
      {},
      {
        'old.mjs': `Object.defineProperty(process.versions, 'node', { value: '18.20.0' });`,
      },
    );
    const old = { NODE_OPTIONS: `--import=${join(project.path, 'old.mjs')}` };
    const { code, err } = await project.setup([], old);
    expect(code).toBe(1);
    expect(err).toMatch(
      /^✖ setup needs Node 20 or newer; this is 18\.20\.0 \(.+\)\n {2}next: install a current Node/,
    );
    expect(existsSync(join(project.path, 'node_modules'))).toBe(false);
  });

  test('that scripts get and that is too old is told with its place', async () => {
    using project = await readyProject();
    const place = join(project.path, 'node_modules/.bin/node');
    project.write('node_modules/.bin/node', '#!/bin/sh\necho v22.17.1\n');
    chmodSync(place, 0o755);
    expect(await project.setup()).toMatchObject({
      code: 1,
      err: expect.stringContaining(
        `✖ Heldar needs Node 22.18 or newer, and npm scripts would get 22.17.1 (${place})`,
      ),
    });
    project.write('node_modules/.bin/node', '#!/bin/sh\necho v22.18.0\n');
    expect(await project.setup()).toMatchObject({ code: 0, err: '' });
  });
});

describe('tools', () => {
  test('that are missing where no package manager is are told with what to type', async () => {
    using project = await readyProject();
    rmSync(join(project.path, 'fake-bin/ffprobe'));
    expect(await project.setup()).toMatchObject({
      code: 1,
      err:
        '✖ ffprobe cannot be found, and there is no package manager that setup knows\n' +
        '  next: install FFmpeg (https://ffmpeg.org/download.html) so that ffmpeg and ffprobe are on the PATH, ' +
        'or name them in HELDAR_FFMPEG_BIN and HELDAR_FFPROBE_BIN\n',
    });
  });

  test('named by a variable, also of a .env file, are taken from there', async () => {
    using project = await readyProject({}, { 'own/ffmpeg': '' });
    rmSync(join(project.path, 'fake-bin/ffmpeg'));
    const wrong = await project.setup([], { HELDAR_FFMPEG_BIN: './own/ffmpeg' });
    expect(wrong).toMatchObject({
      code: 1,
      err: expect.stringContaining('✖ HELDAR_FFMPEG_BIN names ./own/ffmpeg, and there is no such program\n'),
    });
    writeFileSync(join(project.path, 'own/ffmpeg7'), '', { mode: 0o755 });
    expect(await project.setup([], { HELDAR_FFMPEG_BIN: './own/ffmpeg7' })).toMatchObject({
      code: 0,
      err: '',
    });
    project.write('.env', 'HELDAR_FFMPEG_BIN=own/ffmpeg7\n');
    expect(await project.setup()).toMatchObject({ code: 0, err: '' });
  });

  test('are installed with the package manager, whose lists are fetched when they do not know the package', async () => {
    using project = await readyProject();
    rmSync(join(project.path, 'fake-bin/ffmpeg'));
    rmSync(join(project.path, 'fake-bin/ffprobe'));
    project.program('apt-cache', '[ -e lists ]');
    project.program(
      'apt-get',
      'echo "$@" >> calls; case $1 in update) echo > lists;; install) for p in ffmpeg ffprobe; do echo > fake-bin/$p; /bin/chmod 755 fake-bin/$p; done;; esac',
    );
    project.program('sudo', 'shift; exec "$@"');
    const { code, err } = await project.setup();
    expect({ code, err }).toEqual({
      code: 0,
      err:
        'setup: ffmpeg, ffprobe cannot be found\n' +
        `setup: running ${sudo}apt-get update\n` +
        `setup: running ${sudo}apt-get install -y --no-install-recommends ffmpeg\n`,
    });
    expect(await project.setup()).toMatchObject({ code: 0, err: '' });
  });

  test('whose installation fails are tried with new lists, then told with the command to type', async () => {
    using project = await readyProject();
    rmSync(join(project.path, 'fake-bin/ffmpeg'));
    project.program('apt-cache');
    project.program('apt-get', 'echo "E: $1 failed"; exit 100');
    project.program('sudo', 'shift; exec "$@"');
    const { code, out, err } = await project.setup();
    expect({ code, out }).toEqual({ code: 1, out: 'E: install failed\nE: update failed\n' });
    expect(err).toContain(
      '✖ ffmpeg could not be installed; what apt-get says stands above\n' +
        '  next: run it yourself, then repeat the command: sudo apt-get install -y --no-install-recommends ffmpeg\n',
    );
  });

  test('of the tests are wanted only for the tests', async () => {
    using project = await readyProject();
    expect(await project.setup()).toMatchObject({ code: 0 });
    project.program('gst-inspect-1.0', '[ "$2" != avdec_h264 ]');
    project.program('gst-launch-1.0');
    const { code, err } = await project.setup(['--for', 'test']);
    expect(code).toBe(1);
    expect(err).toContain("GStreamer's avdec_h264");
    expect(err).not.toContain('h264parse');
    expect(err).toContain(
      'the tests also need GStreamer 1.x with its good, bad and libav plugins, its RTSP server with Python bindings, strace, curl and Chromium',
    );
  });
});

describe('the build', () => {
  const workspaces = {
    workspaces: ['kernel', 'plugins/*', 'empty'],
    devDependencies: { turbo: 'file:turbo' },
  };
  /** Stands for turbo and the compiler: it makes `dist` of `src` for every workspace, or fails when told to. */
  const turbo = `
    import { appendFileSync, cpSync, existsSync } from 'node:fs';
    const { TURBO_TELEMETRY_DISABLED } = process.env;
    appendFileSync('calls', process.argv.slice(2).join(' ') + ' telemetry off ' + TURBO_TELEMETRY_DISABLED + '\\n');
    console.log('kernel/src/a.ts: error');
    if (existsSync('broken')) process.exit(2);
    for (const folder of ['kernel', 'plugins/zones']) cpSync(folder + '/src', folder + '/dist', { recursive: true });
  `;
  const files = {
    'turbo/package.json': '{ "name": "turbo", "version": "1.0.0", "type": "module" }',
    'turbo/bin/turbo': turbo,
    'kernel/package.json': '{ "name": "kernel", "scripts": { "build": "tsc" } }',
    'kernel/src/a.ts': '1',
    'plugins/zones/package.json': '{ "name": "zones", "scripts": { "build": "tsc" } }',
    'plugins/zones/src/b.ts': '1',
  };

  test('runs when sources have changed or a result is gone, and not otherwise', async () => {
    using project = projectWith({ devDependencies: { turbo: 'file:turbo' } }, files);
    project.write(
      'package.json',
      JSON.stringify({ name: 'site', version: '1.0.0', private: true, ...workspaces }),
    );
    project.write('node_modules/turbo/bin/turbo', turbo);
    project.write('node_modules/turbo/package.json', files['turbo/package.json']);
    for (const name of ['ffmpeg', 'ffprobe']) project.program(name);
    const lock = { lockfileVersion: 3, packages: {} };
    project.write('package-lock.json', JSON.stringify(lock));
    project.write('node_modules/.package-lock.json', JSON.stringify(lock));

    expect(await project.setup()).toMatchObject({ code: 0, out: '', err: 'setup: building\n' });
    expect(readFileSync(join(project.path, 'calls'), 'utf8')).toBe(
      'run build --output-logs=errors-only --cache=local:rw telemetry off 1\n',
    );
    expect(await project.setup()).toMatchObject({ code: 0, err: '' });

    project.write('kernel/src/a.test.ts', '2');
    expect(await project.setup()).toMatchObject({ code: 0, err: '' });
    expect(calls(project)).toBe(1);

    project.write('kernel/src/a.ts', '2');
    expect(await project.setup()).toMatchObject({ code: 0, err: 'setup: sources have changed: building\n' });
    expect(readFileSync(join(project.path, 'kernel/dist/a.ts'), 'utf8')).toBe('2');

    rmSync(join(project.path, 'plugins/zones/dist'), { recursive: true });
    expect(await project.setup()).toMatchObject({ code: 0, err: 'setup: building\n' });
    expect(calls(project)).toBe(3);

    project.write('plugins/zones/src/b.ts', '3');
    project.write('broken', '');
    for (let attempt = 0; attempt < 2; attempt += 1)
      expect(await project.setup(['--run', 'nothing'])).toMatchObject({
        code: 1,
        err:
          'setup: sources have changed: building\nkernel/src/a.ts: error\n' +
          '✖ the build failed; what the compiler says stands above\n  next: correct it, then repeat the command\n',
      });
  });
});

test('arguments that setup does not know are told with those that it knows', async () => {
  using project = projectWith({});
  expect(await project.setup(['--for', 'fun'])).toMatchObject({
    code: 1,
    err: expect.stringContaining(
      '✖ setup does not know --for fun\n  next: node scripts/setup.mjs [--for test]',
    ),
  });
});
