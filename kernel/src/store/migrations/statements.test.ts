import Database from 'better-sqlite3';
import { array, assert, constantFrom, property } from 'fast-check';
import { expect, test } from 'vitest';
import { splitStatements, wordsOf } from './statements.ts';

const parts = (sql: string) => splitStatements(sql).map(({ text, line }) => [line, text]);

test('semicolons in strings, quoted names and comments end nothing', () => {
  const sql = `-- a; b
insert into "x;y" values ('it''s; fine'); /* ; */
update [p;q] set \`r;s\` = 1 /* ; commit; */ where 1 -- ;
;
delete from z`;
  expect(parts(sql)).toEqual([
    [2, `insert into "x;y" values ('it''s; fine');`],
    [3, 'update [p;q] set `r;s` = 1 /* ; commit; */ where 1 -- ;\n;'],
    [5, 'delete from z'],
  ]);
});

test('a trigger is one statement, with CASE … END and a name like END inside', () => {
  const trigger = `create /* x */ temp trigger t after insert on a begin
  update a set "end" = case when 1 then 2 end; -- end;
  delete from b;
end;`;
  expect(parts(`${trigger}\nselect 1;`)).toEqual([
    [1, trigger],
    [5, 'select 1;'],
  ]);
});

test('text without statements has none', () => {
  expect(splitStatements(' ;; -- nothing\n/* at all')).toEqual([]);
});

test('the first word is found behind comments', () => {
  expect(splitStatements('/* a */ --b\n commit').map(({ firstWord }) => firstWord)).toEqual(['COMMIT']);
  expect(splitStatements("'x'").map(({ firstWord }) => firstWord)).toEqual(['']);
});

test('words are what stands outside of quotes', () => {
  expect(wordsOf(`create table a ("deferrable", b default 'deferrable') -- deferrable`)).toEqual([
    'CREATE',
    'TABLE',
    'A',
    'B',
    'DEFAULT',
  ]);
});

test('any mix of statements is split where SQLite ends them', () => {
  using db = new Disposer();
  const fragment = constantFrom(
    'select 1',
    "select ';'",
    'select "a;" from (select 1 as "a;")',
    'select [b;] from (select 1 as [b;])',
    'select /* ; */ 2',
    'select 3 -- ;\n',
    "select ''';'",
    'create trigger x after insert on t begin select 1; select 2; end',
    'create trigger y after insert on t begin select case when 1 then 2 end; end',
  );
  assert(
    property(
      array(fragment, { minLength: 1, maxLength: 6 }),
      constantFrom(';', ' ;\n', ';;', '; -- c\n'),
      (list, separator) => {
        const found = splitStatements(list.join(separator));
        expect(found).toHaveLength(list.length);
        for (const { text } of found) db.compile(text);
      },
    ),
    { numRuns: 200 },
  );
});

class Disposer implements Disposable {
  readonly #db = new Database(':memory:');
  constructor() {
    this.#db.exec('create table t (a)');
  }
  /** Throws unless the text is exactly one statement. */
  compile(sql: string): void {
    this.#db.prepare(sql);
  }
  [Symbol.dispose](): void {
    this.#db.close();
  }
}
