import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

interface PackageJson {
  readonly workspaces?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

test('docs/dependencies.md has one line for each package that a workspace names, and says which do', () => {
  const page = readFileSync(join(root, 'docs', 'dependencies.md'), 'utf8');
  const lines = [...page.matchAll(/^\| `([^`]+)` +\| ([^|]+?) +\|/gm)].map(
    ([, name, users]) => `${name}: ${users}`,
  );
  expect(lines.toSorted()).toEqual(declared().toSorted());
});

/** `name: workspace, workspace` of every package from a registry, workspaces in the order of package.json. */
function declared(): string[] {
  const users = new Map<string, string[]>();
  const { workspaces = [] } = readPackage('.');
  const folders = workspaces.flatMap((pattern) =>
    globSync(`${pattern}/package.json`, { cwd: root })
      .map((file) => dirname(file))
      .sort(),
  );
  for (const folder of ['.', ...folders]) {
    const { dependencies, devDependencies, optionalDependencies, peerDependencies } = readPackage(folder);
    const names = Object.keys({
      ...dependencies,
      ...devDependencies,
      ...optionalDependencies,
      ...peerDependencies,
    });
    for (const name of names.filter((other) => !other.startsWith('@heldar/')))
      users.set(name, [...(users.get(name) ?? []), folder === '.' ? 'root' : folder]);
  }
  return [...users].map(([name, by]) => `${name}: ${by.join(', ')}`);
}

function readPackage(folder: string): PackageJson {
  return JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as PackageJson;
}
