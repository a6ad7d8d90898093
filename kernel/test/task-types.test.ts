/** Does the kernel know no task type, so that a new application never touches it? */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync, Visitor } from 'oxc-parser';
import { expect, test } from 'vitest';
import { startSite } from './site-rig.ts';

const sources = fileURLToPath(new URL('../src', import.meta.url));

/** What workers send today, and what applications ask for next. */
const taskTypes: ReadonlySet<string> = new Set(
  (
    'motion detection object_detection yolo tracking anpr lpr alpr plate ' +
    'people person people_count people-counter face pose ppe fire smoke vehicle'
  ).split(' '),
);

interface Found {
  readonly place: string;
  readonly value: string;
}

/** Strings and the fixed parts of templates; comments are no part of a syntax tree, and `Batch['detection']` names a member. */
function stringsIn(file: string, source: string): Found[] {
  const { program, errors } = parseSync(file, source);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0]?.message}`);
  const found: Found[] = [];
  const members = new Set<number>();
  const add = (value: string, at: number) =>
    found.push({ place: `${relative(sources, file)}:${source.slice(0, at).split('\n').length}`, value });
  new Visitor({
    TSIndexedAccessType({ indexType }) {
      members.add(indexType.start);
    },
    Literal(node) {
      if (typeof node.value === 'string' && !members.has(node.start)) add(node.value, node.start);
    },
    TemplateElement(node) {
      add(node.value.raw, node.start);
    },
  }).visit(program);
  return found;
}

function taskTypesIn(file: string, source: string): Found[] {
  return stringsIn(file, source).filter(({ value }) => taskTypes.has(value.trim().toLowerCase()));
}

test('no source of the kernel names a task type', () => {
  const files = readdirSync(sources, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    // The test kit makes what workers would send; no kernel that serves loads it.
    .filter((file) => !file.includes('/fixtures/') && !file.startsWith(join(sources, 'testing')));
  expect(files.length).toBeGreaterThan(100);
  expect(files.flatMap((file) => taskTypesIn(file, readFileSync(file, 'utf8')))).toEqual([]);
});

test('one that did would be found, in any form but a comment', () => {
  const source = [
    '// if (taskType === "anpr")',
    `if (taskType === 'anpr') skip();`,
    'switch (taskType) { case "Motion": break; case `ppe`: break; }',
    'const wanted = ["people"], text = "all people in the frame";',
    `type Kind = 'yolo' | Batch['detection'];`,
  ].join('\n');
  expect(taskTypesIn(join(sources, 'x.ts'), source).map(({ place, value }) => `${place} ${value}`)).toEqual([
    'x.ts:2 anpr',
    'x.ts:3 Motion',
    'x.ts:3 ppe',
    'x.ts:4 people',
    'x.ts:5 yolo',
  ]);
});

const listener = (name: string, consumes: string) => ({
  [`${name}/package.json`]: JSON.stringify({
    name: `@test/${name}`,
    type: 'module',
    heldar: { name, release: ['0001_heard.sql'] },
    peerDependencies: { '@heldar/plugin-sdk': '*' },
  }),
  [`${name}/index.ts`]: `import { consumer, definePlugin, sql } from '@heldar/plugin-sdk';
export default definePlugin({
  name: '${name}',
  consumes: ${consumes},
  migrations: './migrations',
  setup: () => ({
    consumers: [
      consumer({
        name: 'hears',
        consume(batch, fx) {
          fx.write(sql\`insert into ${name}_heard (seq, type, labels) values (\${batch.seq}, \${batch.taskType}, \${batch.detections.map(({ label }) => label).join()})\`);
        },
      }),
    ],
  }),
});
`,
  [`${name}/migrations/0001_heard.sql`]: `CREATE TABLE ${name}_heard (seq INTEGER PRIMARY KEY, type TEXT, labels TEXT);`,
});

test('a plugin gets the batches of task types that nobody has heard of, and only those it asks for', async () => {
  const odd = 'hydrophone spectrum/β v2';
  await using site = await startSite({
    'heldar.config.ts': `export default { plugins: ['./sonar/index.ts', './everything/index.ts'] };`,
    ...listener('sonar', JSON.stringify([odd, 'constructor'])),
    ...listener('everything', `'*'`),
  });
  const types = [odd, 'people', 'constructor', odd.toUpperCase(), '__proto__'];
  for (const type of types) {
    const { status } = await site.call('POST', '/api/v1/ai/events', {
      camera_id: 'gate',
      task_type: type,
      detections: [{ label: `of ${type}` }],
    });
    expect(status, type).toBe(200);
  }
  await site.kernel.quiet();
  const heard = (name: string) =>
    site.sql<{ type: string; labels: string }>(`SELECT type, labels FROM ${name}_heard ORDER BY seq`);
  const rows = (...wanted: string[]) => wanted.map((type) => ({ type, labels: `of ${type}` }));
  expect(heard('sonar')).toEqual(rows(odd, 'constructor'));
  expect(heard('everything')).toEqual(rows(...types));
});
