/** How does each package manager install, run a script, and get onto the machine of a check? */
import { type PackageManager, packageManagers } from './choices.ts';

interface Ways {
  /** Words of the command line. */
  readonly install: readonly string[];
  /** What stands before the name of a script. */
  readonly run: string;
  /** Steps of the workflow before it installs, as YAML at the depth of a step. */
  readonly setup: string;
  /** Files that a project needs for it. */
  readonly files: Readonly<Record<string, string>>;
}

export const ways: Readonly<Record<PackageManager, Ways>> = {
  npm: { install: ['npm', 'install'], run: 'npm run', setup: '', files: {} },
  pnpm: {
    install: ['pnpm', 'install'],
    run: 'pnpm run',
    setup: '      - uses: pnpm/action-setup@v4\n        with:\n          version: 10\n',
    files: {},
  },
  yarn: {
    install: ['yarn', 'install'],
    run: 'yarn run',
    setup: '      - run: corepack enable\n',
    // The kernel finds plugins in folders.
    files: { '.yarnrc.yml': 'nodeLinker: node-modules\n' },
  },
};

/** The one that runs this command, as it says itself: `pnpm/10.1.0 npm/? node/v24.1.0 …`. */
export function runningPackageManager(userAgent: string | undefined): PackageManager {
  const [name = ''] = (userAgent ?? '').split('/');
  return Object.hasOwn(packageManagers, name) ? (name as PackageManager) : 'npm';
}

/** A text that says `npm install`, `npm test` and `npm run …`, in the words of another one. */
export function inWordsOf(packageManager: PackageManager, text: string): string {
  if (packageManager === 'npm') return text;
  const { install, run } = ways[packageManager];
  return text
    .replaceAll(/\bnpm install\b/g, install.join(' '))
    .replaceAll(/\bnpm run (?=\w)/g, `${run} `)
    .replaceAll(/\bnpm test\b/g, `${run} test`);
}
