/** The guards that keep people to what is theirs, each with how it looks when it is not there: the census must notice every one. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Mutant {
  /** Says which guard is gone. */
  readonly name: string;
  /** Below the top of the repository. */
  readonly file: string;
  /** The file without the guard. @throws Error when the guard is not there as it is described. */
  apply(source: string): string;
}

export const repository = fileURLToPath(new URL('../../../', import.meta.url));

/** Not of cameras: each replaced by hand. */
const byHand: readonly (readonly [name: string, file: string, find: string, instead: string])[] = [
  ['who is nobody is let in', 'kernel/src/auth/caller.ts', 'if (!enabled) return system;', 'return system;'],
  [
    'users who are switched off',
    'kernel/src/auth/caller.ts',
    'if (!user.active || !isRole(role))',
    'if (!isRole(role))',
  ],
  [
    'sessions that are over',
    'kernel/src/auth/caller.ts',
    'if (isOver(session, clock.now(), idleMs))',
    'if (Math.sign(idleMs) > 1)',
  ],
  ['keys that are switched off', 'kernel/src/auth/caller.ts', '!key.active || ', ''],
  ['keys that have expired', 'kernel/src/auth/caller.ts', 'key.expiresAt <= now', 'key.expiresAt < 0'],
  [
    'keys that were revoked',
    'kernel/src/store/access-queries.ts',
    'WHERE revoked_at IS NULL AND (',
    'WHERE (',
  ],
  [
    'what a role may',
    'kernel/src/http/answer.ts',
    "capability !== 'authenticated' && !caller.may(capability)",
    "capability === 'ingest' && !caller.may(capability)",
  ],
  [
    'ingest',
    'kernel/src/http/answer.ts',
    "capability !== 'authenticated' && !",
    "capability !== 'authenticated' && capability !== 'ingest' && !",
  ],
  [
    'what is of no camera',
    'kernel/src/http/answer.ts',
    "caller.cameras !== null && 'none' in scope",
    'caller.cameras !== null && scope === null',
  ],
  [
    'the cameras that are named',
    'kernel/src/auth/camera-scope.ts',
    'named.has(id) && exists(id)',
    'exists(id)',
  ],
  [
    'rows of the cameras that are named',
    'kernel/src/auth/camera-scope.ts',
    'inArray(column, [...ids])',
    'sql`1 = 1`',
  ],
];

const stands = (rest: string) => `((..._: readonly unknown[]) => true)(${rest}`;
const allRows =
  "import { sql as mutantSql } from 'drizzle-orm';\nconst allRows = (..._: readonly unknown[]) => mutantSql`1 = 1`;\n";

export function guards(): Mutant[] {
  const handMade = byHand.map(([name, file, find, instead]) => ({
    name: `${file}: ${name}`,
    file,
    apply: (source: string) => once(source, find, instead),
  }));
  const files = [
    'kernel/src/http/routes/*.ts',
    'kernel/src/http/answer.ts',
    'plugins/zones/src/*.ts',
  ].flatMap((pattern) => globSync(pattern, { cwd: repository }).filter((file) => !file.endsWith('.test.ts')));
  return [...handMade, ...files.toSorted().flatMap(confinements)];
}

/** Every place where a file asks whose a camera or a row is. */
function confinements(file: string): Mutant[] {
  const source = readFileSync(join(repository, file), 'utf8');
  return [...source.matchAll(/cameras\.(?<what>includes|owns)\(/g)].map(({ index, groups, 0: call }) => ({
    name: `${file}:${source.slice(0, index).split('\n').length}: cameras.${groups?.['what'] ?? ''}`,
    file,
    apply(text) {
      if (text !== source) throw new Error(`${file} has changed meanwhile`);
      const rest = text.slice(index + call.length);
      return call.includes('owns')
        ? `${allRows}${text.slice(0, index)}allRows(${rest}`
        : `${text.slice(0, index)}${stands(rest)}`;
    },
  }));
}

function once(source: string, find: string, instead: string): string {
  const parts = source.split(find);
  if (parts.length !== 2) throw new Error(`'${find}' stands there ${parts.length - 1} times`);
  return parts.join(instead);
}
