/** Which migrations does a folder hold, in order? */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HeldarError, messageOf } from '../../errors.ts';

export interface Migration {
  /** The file's name without `.sql`: `0001_zones`. */
  readonly name: string;
  readonly file: string;
  readonly sql: string;
  /** sha256 of the text, hex, line ends as \n. */
  readonly checksum: string;
  readonly downSql: string | null;
}

const fileName = /^(\d{4})_[a-z0-9][a-z0-9_-]*?(\.down)?\.sql$/;

/**
 * Reads `0001_name.sql` (up) and `0001_name.down.sql`. Other files are allowed as long as they are not SQL.
 * @throws HeldarError `migration_failed` naming the files when a name, a number or a pair is wrong.
 */
export function readMigrations(folder: string): Migration[] {
  const files = listSqlFiles(folder);
  for (const file of files)
    if (!fileName.test(file))
      throw wrong(folder, `${file} is not a migration's name`, 'name it like 0001_what_it_does.sql');
  const downs = new Set(files.filter((file) => file.endsWith('.down.sql')));
  const ups = files.filter((file) => !downs.has(file));
  refuseBadNumbers(folder, ups);
  const migrations = ups.map((file) => readMigration(folder, file, downs));
  const [orphan] = downs;
  if (orphan !== undefined)
    throw wrong(
      folder,
      `${orphan} has no ${orphan.replace('.down.sql', '.sql')}`,
      'add it or remove this one',
    );
  return migrations;
}

/** Takes the pair out of `downs`. */
function readMigration(folder: string, file: string, downs: Set<string>): Migration {
  const name = file.slice(0, -'.sql'.length);
  const path = join(folder, file);
  const sql = readText(path);
  const down = `${name}.down.sql`;
  return {
    name,
    file: path,
    sql,
    checksum: checksumOf(sql),
    downSql: downs.delete(down) ? readText(join(folder, down)) : null,
  };
}

/** As `readMigrations` gives it, for a file wherever it lies. */
export function checksumOfFile(path: string): string {
  return checksumOf(readText(path));
}

export function checksumOf(sql: string): string {
  return createHash('sha256').update(sql).digest('hex');
}

function listSqlFiles(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((file) => file.endsWith('.sql'))
      .sort();
  } catch (error) {
    throw new HeldarError(
      'migration_failed',
      `cannot read the migrations in ${folder}: ${messageOf(error)}; next: check the folder the manifest names`,
      { cause: error, details: { folder } },
    );
  }
}

function refuseBadNumbers(folder: string, ups: readonly string[]): void {
  for (const [index, file] of ups.entries()) {
    const wanted = String(index + 1).padStart(4, '0');
    if (file.startsWith(`${wanted}_`)) continue;
    const previous = ups[index - 1];
    if (previous?.slice(0, 4) === file.slice(0, 4))
      throw wrong(
        folder,
        `${previous} and ${file} have the same number`,
        'give the later one the next number',
      );
    throw wrong(
      folder,
      previous === undefined
        ? `the first migration is ${file}, not ${wanted}_…`
        : `no ${wanted}_… between ${previous} and ${file}`,
      'number them 0001, 0002, … without gaps',
    );
  }
}

/** Line ends as \n and no byte order mark, so that a checkout on another system is the same migration. */
function readText(path: string): string {
  return readFileSync(path, 'utf8')
    .replace(/^\uFEFF/, '')
    .replace(/\r\n?/g, '\n');
}

function wrong(folder: string, problem: string, next: string): HeldarError {
  return new HeldarError('migration_failed', `${folder}: ${problem}; next: ${next}`, {
    details: { folder, problem, next },
  });
}
