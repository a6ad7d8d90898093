/** The packages of this project as a registry would hand them out, installed without one: packed, unpacked, the rest linked. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

export interface Installed extends Disposable {
  /** An empty folder beside it, for projects. */
  readonly folder: string;
  /** Of the packages, to be linked into a project. */
  readonly nodeModules: string;
  /** The absolute path of a program that a package brings. */
  bin(packageName: string, program: string): string;
}

const root = fileURLToPath(new URL('../../', import.meta.url));
const packed = ['plugin-sdk', 'kernel', 'create-heldar-plugin'];

/** Needs a build: what is packed is what was built. */
export async function installBuilt(): Promise<Installed> {
  const unbuilt = packed.filter((workspace) => !existsSync(join(root, workspace, 'dist')));
  if (unbuilt.length > 0) throw new Error(`${unbuilt.join(', ')}: not built; run npm run build first`);
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'heldar-created-')));
  const nodeModules = join(folder, 'installed', 'node_modules');
  mkdirSync(nodeModules, { recursive: true });
  linkAll(join(root, 'node_modules'), nodeModules);
  await Promise.all(packed.map((workspace) => unpack(join(root, workspace), nodeModules)));
  return {
    folder,
    nodeModules,
    bin(packageName, program) {
      const { bin } = readPackage(join(nodeModules, packageName));
      return join(nodeModules, packageName, bin?.[program] ?? `no program ${program}`);
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }),
  };
}

/** Everything but this project's own packages. */
function linkAll(from: string, to: string): void {
  const own = new Set(['@heldar', 'create-heldar-plugin', '.package-lock.json', '.bin', '.vite', '.cache']);
  for (const name of readdirSync(from).filter((entry) => !own.has(entry)))
    symlinkSync(join(from, name), join(to, name));
  // Programs find their package by their real place.
  mkdirSync(join(to, '.bin'));
  for (const name of readdirSync(join(from, '.bin')).filter((program) => program !== 'heldar'))
    symlinkSync(realpathSync(join(from, '.bin', name)), join(to, '.bin', name));
  symlinkSync('../@heldar/kernel/bin/heldar.mjs', join(to, '.bin', 'heldar'));
}

async function unpack(workspace: string, nodeModules: string): Promise<void> {
  const { name } = readPackage(workspace);
  const folder = join(nodeModules, name);
  mkdirSync(folder, { recursive: true });
  const { stdout } = await runNpm(['pack', '--json', '--pack-destination', folder], workspace);
  const archive = /"filename":\s*"([^"]+)"/.exec(stdout)?.[1] ?? 'nothing was packed';
  await execa('tar', ['-xzf', archive.split('/').at(-1) ?? '', '--strip-components=1'], { cwd: folder });
}

/** npm as it runs these tests, with the Node that does. */
export function runNpm(args: readonly string[], cwd: string) {
  const path = [join(process.execPath, '..'), process.env['PATH']].join(':');
  return execa('npm', args, { cwd, env: { PATH: path, NO_COLOR: '1', CI: '1' }, all: true });
}

function readPackage(folder: string): { name: string; bin?: Record<string, string> } {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { name: string };
}
