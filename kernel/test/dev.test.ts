/** `heldar dev`: does every save take effect at once, and does a bad one tell its author where and what, while what ran serves on? */
import { createServer } from 'node:net';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { folderWith, type TemporaryFolder } from './folder-with.ts';
import { startDev, type RunningHeldar } from './heldar-command.ts';
import { until } from './until.ts';

const packageOf = (name: string, more: object = {}) =>
  JSON.stringify({
    name: `@heldar-test/${name}`,
    version: '1.0.0',
    type: 'module',
    exports: './src/index.ts',
    heldar: { name, ...more },
    peerDependencies: { '@heldar/plugin-sdk': '^0.1.0' },
  });

const greeter = `import { definePlugin, route, z } from '@heldar/plugin-sdk';
import { words } from './words.ts';

export default definePlugin({
  name: 'greeter',
  config: z.object({ name: z.string().default('world') }),
  setup: ({ config }) => ({
    routes: [
      route.get('/words', {
        capability: 'view',
        scope: { none: 'a test' },
        output: z.string(),
        handle: () => words(config.name),
      }),
    ],
  }),
});
`;

const files = {
  'heldar.config.ts': `import { defineConfig, use } from '@heldar/plugin-sdk';

export default defineConfig({
  plugins: [use(() => import('./greeter/src/index.ts'), { name: 'gate' })],
});
`,
  'greeter/package.json': packageOf('greeter'),
  'greeter/src/index.ts': greeter,
  'greeter/src/words.ts': 'export const words = (name: string): string => `hello ${name}`;\n',
};

const words = async (heldar: RunningHeldar): Promise<unknown> =>
  (await heldar.call('GET', '/api/v1/plugins/greeter/words')).body;

async function says(heldar: RunningHeldar, text: string): Promise<void> {
  let said: unknown;
  await until(`the plugin says '${text}'`, async () => (said = await words(heldar)) === text).catch(
    (error: unknown) => {
      throw new Error(
        `${String(error)}; it said ${JSON.stringify(said)}\n${heldar.out.join('\n')}\n${heldar.lines.join('\n')}`,
      );
    },
  );
}

/** What the developer was told since, once there is something. */
async function told(heldar: RunningHeldar, from: number, pattern: RegExp): Promise<string> {
  const seen = () => [...heldar.out, ...heldar.lines.slice(from).map(messageOfLine)].join('\n');
  await until(`a message like ${String(pattern)} (it said: ${seen()})`, () => pattern.test(seen()));
  return seen();
}

function messageOfLine(line: string): string {
  if (!line.startsWith('{')) return line;
  return String((JSON.parse(line) as { msg?: unknown }).msg);
}

test('a saved module, a saved option and a plugin that comes and goes are live at once, and told in one line', async () => {
  using folder = folderWith(files);
  await using heldar = await startDev(folder.path);
  await says(heldar, 'hello gate');

  writeFileSync(
    folder.file('greeter/src/words.ts'),
    'export const words = (name: string): string => `good evening, ${name}`;\n',
  );
  await says(heldar, 'good evening, gate');
  expect(heldar.out.at(-1)).toMatch(/^✔ greeter reloaded in [\d.]+ ms {2}\(greeter\/src\/words\.ts\)$/);

  writeFileSync(folder.file('heldar.config.ts'), files['heldar.config.ts'].replace('gate', 'yard'));
  await says(heldar, 'good evening, yard');
  expect(heldar.out.at(-1)).toMatch(/^✔ greeter reloaded in [\d.]+ ms {2}\(heldar\.config\.ts\)$/);

  const other = greeter.replaceAll('greeter', 'second');
  writeFiles(folder, {
    'second/package.json': packageOf('second'),
    'second/src/index.ts': other,
    'second/src/words.ts': 'export const words = (name: string): string => `second ${name}`;\n',
  });
  const both = files['heldar.config.ts'].replace('plugins: [', `plugins: ['./second/src/index.ts', `);
  writeFileSync(folder.file('heldar.config.ts'), both);
  await until('the second serves', async () => {
    const { body } = await heldar.call('GET', '/api/v1/plugins/second/words');
    return body === 'second world';
  });
  writeFileSync(folder.file('second/src/words.ts'), 'export const words = (): string => `edited`;\n');
  await until(
    'its edit is live',
    async () => (await heldar.call('GET', '/api/v1/plugins/second/words')).body === 'edited',
  );
  writeFileSync(folder.file('heldar.config.ts'), files['heldar.config.ts']);
  await until(
    'it is gone',
    async () => (await heldar.call('GET', '/api/v1/plugins/second/words')).status === 404,
  );
  await says(heldar, 'good evening, gate');
  expect(heldar.starts).toBe(1);
  expect(await heldar.stop()).toBe(0);
});

test('two plugins that a save makes require each other: both serve on, the way round is named, the next good save recovers', async () => {
  using folder = folderWith({
    ...files,
    'heldar.config.ts': files['heldar.config.ts'].replace(
      'plugins: [',
      `plugins: ['./second/src/index.ts', `,
    ),
    'second/package.json': packageOf('second', { requires: { greeter: '^1.0.0' } }),
    'second/src/index.ts': greeter.replaceAll('greeter', 'second'),
    'second/src/words.ts': 'export const words = (name: string): string => `second ${name}`;\n',
  });
  await using heldar = await startDev(folder.path);
  await says(heldar, 'hello gate');
  const from = heldar.lines.length;
  writeFiles(folder, { 'greeter/package.json': packageOf('greeter', { requires: { second: '^1.0.0' } }) });
  await told(heldar, from, /greeter → second → greeter|second → greeter → second/);
  expect(await words(heldar)).toBe('hello gate');
  expect((await heldar.call('GET', '/api/v1/plugins/second/words')).body).toBe('second world');

  writeFiles(folder, {
    'greeter/package.json': packageOf('greeter'),
    'greeter/src/words.ts': 'export const words = (name: string): string => `again ${name}`;\n',
  });
  await says(heldar, 'again gate');
  expect(heldar.starts).toBe(1);
});

test(
  'twelve kinds of bad edit: the plugin serves on, the message names place and next step, the next good save recovers',
  { timeout: 120_000 },
  async () => {
    using folder = folderWith(files);
    await using heldar = await startDev(folder.path, ['--setup-limit-ms', '1500']);
    await says(heldar, 'hello gate');
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    onTestFinished(() => void taken.close());
    const { port } = taken.address() as { port: number };

    const setup = (code: string) =>
      greeter
        .replace('setup: ({ config }) => ({', `setup: async ({ config }) => { ${code}; return ({`)
        .replace('  }),\n});\n', '  }); },\n});\n');
    const place = (file: string) => new RegExp(`greeter/${file}:\\d+(:\\d+)?`);
    const bad: [string, Record<string, string>, RegExp[]][] = [
      [
        'syntax',
        { 'src/words.ts': 'export const words = (name: string) => ;\n' },
        [place('src/words\\.ts'), /Unexpected token/, /│ +\^/],
      ],
      [
        'throw at import',
        { 'src/words.ts': `throw new Error('no licence');\nexport const words = () => '';\n` },
        [/no licence/, /greeter\/src\/words\.ts:1/],
      ],
      [
        'throw in setup',
        { 'src/index.ts': setup(`throw new Error('no luck')`) },
        [/no luck/, place('src/index\\.ts')],
      ],
      [
        'hang in setup',
        { 'src/index.ts': setup('await new Promise(() => {})') },
        [/setup did not finish within 1500 ms/, /return the contributions at once/],
      ],
      [
        'bad manifest',
        { 'src/index.ts': greeter.replace('setup:', `capabilities: ['camera:read'] as never, setup:`) },
        [/there is no 'camera:read'/, /did you mean 'cameras:read'/],
      ],
      [
        'bad migration',
        {
          'src/index.ts': greeter.replace('setup:', `migrations: './migrations', setup:`),
          'migrations/0001_x.sql': 'CREATE TABLE greeter_x (id TEXT);\nCREATE TABLE other_x (id TEXT);\n',
        },
        [/0001_x\.sql:2/, /other_x/],
      ],
      [
        'missing dependency',
        { 'src/words.ts': `import 'not-installed';\nexport const words = () => '';\n` },
        [/not-installed/, /greeter\/src\/words\.ts:1/, /install what is missing/],
      ],
      [
        'missing plugin',
        { 'package.json': packageOf('greeter', { requires: { nobody: '^1.0.0' } }) },
        [/requires the plugin 'nobody'/, /greeter\/package\.json:\d+/],
      ],
      [
        'cycle',
        { 'package.json': packageOf('greeter', { requires: { greeter: '^1.0.0' } }) },
        [/it requires itself: greeter → greeter/],
      ],
      [
        'route clash',
        { 'package.json': packageOf('greeter', { routes: ['GET /api/v1/cameras/:camera'] }) },
        [/is already that of the kernel/, /below \/api\/v1\/plugins\/greeter/],
      ],
      [
        'port clash',
        {
          'src/index.ts': setup(
            `const { createServer } = await import('node:net'); await new Promise((done, fail) => createServer().once('error', fail).listen(${port}, '127.0.0.1', done as never))`,
          ),
        },
        [/EADDRINUSE/, /next:/],
      ],
      [
        'wrong API range',
        { 'package.json': packageOf('greeter').replace('^0.1.0', '^9.0.0') },
        [/needs @heldar\/plugin-sdk \^9\.0\.0/],
      ],
      [
        'unhandled rejection',
        { 'src/index.ts': setup(`void Promise.reject(new Error('nobody cares'))`) },
        [/an error that nobody caught: nobody cares/],
      ],
    ];
    for (const [kind, edit, patterns] of bad) {
      const from = heldar.lines.length;
      writeFiles(
        folder,
        Object.fromEntries(Object.entries(edit).map(([file, text]) => [`greeter/${file}`, text])),
      );
      for (const pattern of patterns) expect(await told(heldar, from, pattern), kind).toMatch(pattern);
      expect(await words(heldar), kind).toMatch(/^hello/);
      const greeting = `hello again after ${kind}`;
      rmSync(folder.file('greeter/migrations'), { recursive: true, force: true });
      writeFiles(folder, {
        'greeter/package.json': files['greeter/package.json'],
        'greeter/src/index.ts': files['greeter/src/index.ts'],
        'greeter/src/words.ts': `export const words = (): string => '${greeting}';\n`,
      });
      await says(heldar, greeting);
    }
    expect(heldar.starts).toBe(1);
  },
);

test('a composition that does not load leaves all as it is; the next good one is taken over', async () => {
  using folder = folderWith(files);
  await using heldar = await startDev(folder.path);
  writeFileSync(folder.file('heldar.config.ts'), files['heldar.config.ts'].replace('plugins:', 'plugin:'));
  expect(await told(heldar, 0, /was not taken over/)).toMatch(/heldar\.config\.ts:4/);
  await says(heldar, 'hello gate');
  writeFileSync(folder.file('heldar.config.ts'), files['heldar.config.ts'].replace('gate', 'yard'));
  await says(heldar, 'hello yard');
});

test('a plugin whose name only its module tells stays one, whatever is saved in which order', async () => {
  const till = greeter.replaceAll('greeter', 'till').replace('./words.ts', './till-words.ts');
  using folder = folderWith({
    'heldar.config.ts': files['heldar.config.ts'].replace('./greeter/src/index.ts', './till.ts'),
    'package.json': `{ "name": "site", "type": "module", "dependencies": { "@heldar/plugin-sdk": "^0.1.0" } }`,
    'till.ts': till,
    'till-words.ts': files['greeter/src/words.ts'],
  });
  await using heldar = await startDev(folder.path);
  const said = async () => (await heldar.call('GET', '/api/v1/plugins/till/words')).body;
  const states = async () => {
    const { body } = await heldar.call('GET', '/api/v1/plugins');
    return (body as { name: string; state: string }[]).map(({ name, state }) => [name, state]);
  };
  expect(await said()).toBe('hello gate');

  // Its module is broken while its options change.
  folder.write('till-words.ts', 'export const words = ;\n');
  await told(heldar, 0, /Unexpected token/);
  const from = heldar.lines.length;
  const other = files['heldar.config.ts']
    .replace('./greeter/src/index.ts', './till.ts')
    .replace('gate', 'yard');
  folder.write('heldar.config.ts', other);
  await told(heldar, from, /serves on/);
  expect(await states()).toEqual([['till', 'running']]);
  expect(await said()).toBe('hello gate');
  folder.write('till-words.ts', files['greeter/src/words.ts']);
  await until('it says yard', async () => (await said()) === 'hello yard');
  expect(await states()).toEqual([['till', 'running']]);

  folder.write('heldar.config.ts', other.replace('plugins:', `disable: ['till'],\n  plugins:`));
  await until(
    'it is off',
    async () => (await heldar.call('GET', '/api/v1/plugins/till/words')).status === 404,
  );
  expect(await states()).toEqual([['till', 'disabled']]);
  folder.write('heldar.config.ts', other);
  await until('it is on again', async () => (await said()) === 'hello yard');
  folder.write('heldar.config.ts', 'export default { plugins: [] };\n');
  await until('it is gone', async () => (await states()).length === 0);
});

const counter = `import { consumer, definePlugin, sql } from '@heldar/plugin-sdk';

export default definePlugin({
  name: 'counter',
  consumes: '*',
  migrations: './migrations',
  setup: () => ({
    consumers: [
      consumer({
        name: 'rows',
        from: 'start',
        consume(batch, fx) {
          const n = (fx.state.get<number>('n') ?? 0) + 1;
          fx.state.set('n', n);
          fx.write(sql\`insert into counter_rows (seq, n) values (\${batch.seq}, \${n})\`);
        },
      }),
    ],
  }),
});
`;

test('an edited draft of a migration: the tables go back to before it, and its consumer works through the log again', async () => {
  using folder = folderWith({
    'heldar.config.ts': `export default { plugins: ['./counter/src/index.ts'] };\n`,
    'counter/package.json': packageOf('counter', { release: ['0001_rows.sql'] }),
    'counter/src/index.ts': counter,
    'counter/migrations/0001_rows.sql': 'CREATE TABLE counter_rows (seq INTEGER, n INTEGER);\n',
  });
  await using heldar = await startDev(folder.path);
  expect(
    (await heldar.call('POST', '/api/v1/cameras', { id: 'gate', name: 'gate', record_enabled: false }))
      .status,
  ).toBe(201);
  let frames = 0;
  const send = () =>
    heldar.call('POST', '/api/v1/ai/events', {
      camera_id: 'gate',
      task_type: 'people',
      frame_id: `f${(frames += 1)}`,
      detections: [{ label: 'person' }],
    });
  const sql = <Row>(text: string): Row[] => {
    const db = new Database(folder.file('data/heldar.db'), { readonly: true });
    try {
      return db.prepare(text).all() as Row[];
    } finally {
      db.close();
    }
  };
  const columns = () =>
    sql<{ name: string }>(`SELECT name FROM pragma_table_info('counter_rows')`).map(({ name }) => name);
  const rows = () => sql<{ n: number }>('SELECT n FROM counter_rows ORDER BY seq').map(({ n }) => n);
  await send();
  await send();
  await until('two rows', () => rows().length === 2);

  writeFileSync(
    folder.file('counter/migrations/0002_note.sql'),
    'ALTER TABLE counter_rows ADD COLUMN not TEXT;\n',
  );
  await told(heldar, 0, /0002_note\.sql:1/);
  expect(columns()).toEqual(['seq', 'n']);
  writeFileSync(
    folder.file('counter/migrations/0002_note.sql'),
    'ALTER TABLE counter_rows ADD COLUMN nota TEXT;\n',
  );
  await until('the draft is applied', () => columns().includes('nota'));
  await send();
  await until('three rows', () => rows().length === 3);

  writeFileSync(
    folder.file('counter/migrations/0002_note.sql'),
    'ALTER TABLE counter_rows ADD COLUMN note TEXT;\n',
  );
  await until('the edited draft is applied', () => columns().includes('note'));
  expect(columns()).toEqual(['seq', 'n', 'note']);
  await until('it works through the log again', () => rows().length === 3);
  expect(rows()).toEqual([1, 2, 3]);
  await send();
  await until('four rows', () => rows().length === 4);

  // A released one is not edited.
  const from = heldar.lines.length;
  writeFileSync(
    folder.file('counter/migrations/0001_rows.sql'),
    'CREATE TABLE counter_rows (seq INTEGER, n INTEGER, x TEXT);\n',
  );
  await told(heldar, from, /0001_rows\.sql was edited after it was applied/);
  await send();
  await until('it serves on', () => rows().length === 5);
});

test('an edited draft that comes with a setup that fails: events emitted since the draft are there as before', async () => {
  const emitting = counter
    .replace('import { consumer,', 'import { z, consumer,')
    .replace(
      `consumes: '*',`,
      `consumes: '*',\n  emits: { counted: z.object({ n: z.number() }) },\n  capabilities: ['events:emit'],`,
    )
    .replace(`fx.state.set('n', n);`, `fx.state.set('n', n);\n          fx.emit('counted', { n });`);
  using folder = folderWith({
    'heldar.config.ts': `export default { plugins: ['./counter/src/index.ts'] };\n`,
    'counter/package.json': packageOf('counter', { release: ['0001_rows.sql'] }),
    'counter/src/index.ts': emitting,
    'counter/migrations/0001_rows.sql': 'CREATE TABLE counter_rows (seq INTEGER, n INTEGER);\n',
    'counter/migrations/0002_note.sql': 'ALTER TABLE counter_rows ADD COLUMN nota TEXT;\n',
  });
  await using heldar = await startDev(folder.path);
  await heldar.call('POST', '/api/v1/cameras', { id: 'gate', name: 'gate', record_enabled: false });
  const rows = (sql: string) => {
    const db = new Database(folder.file('data/heldar.db'), { readonly: true });
    try {
      return db.prepare(sql).all();
    } finally {
      db.close();
    }
  };
  const kept = () => ({
    rows: rows('SELECT * FROM counter_rows ORDER BY seq'),
    events: rows(`SELECT * FROM events WHERE source = 'counter' ORDER BY seq`),
  });
  const send = (frame: string) =>
    heldar.call('POST', '/api/v1/ai/events', {
      camera_id: 'gate',
      task_type: 'people',
      frame_id: frame,
      detections: [{ label: 'person' }],
    });
  await send('f1');
  await send('f2');
  await until('two events', () => kept().events.length === 2);
  const before = kept();

  writeFileSync(
    folder.file('counter/src/index.ts'),
    emitting
      .replace('setup: () => ({', `setup: () => { throw new Error('no luck'); return ({`)
      .replace(/\}\),\n\}\);\n$/, '}); },\n});\n'),
  );
  await told(heldar, 0, /no luck/);
  const from = heldar.lines.length;
  const saved = heldar.out.length;
  writeFileSync(
    folder.file('counter/migrations/0002_note.sql'),
    'ALTER TABLE counter_rows ADD COLUMN note TEXT;\n',
  );
  await until('that is refused too', () =>
    [...heldar.out.slice(saved), ...heldar.lines.slice(from)].some((line) => line.includes('no luck')),
  );
  expect(kept()).toEqual(before);
  await send('f3');
  await until('it serves on', () => kept().events.length === 3);
  expect(rows('SELECT n, nota FROM counter_rows ORDER BY seq')).toEqual(
    [1, 2, 3].map((n) => ({ n, nota: null })),
  );
});

test('with --replay a save tells what it changes in what the log has given', async () => {
  using folder = folderWith({
    'heldar.config.ts': `export default { plugins: ['./counter/src/index.ts'] };\n`,
    'counter/package.json': packageOf('counter', { release: ['0001_rows.sql'] }),
    'counter/src/index.ts': counter,
    'counter/migrations/0001_rows.sql': 'CREATE TABLE counter_rows (seq INTEGER PRIMARY KEY, n INTEGER);\n',
  });
  await using heldar = await startDev(folder.path, ['--replay', '5m']);
  await heldar.call('POST', '/api/v1/cameras', { id: 'gate', name: 'gate', record_enabled: false });
  for (let frame = 0; frame < 5; frame += 1)
    await heldar.call('POST', '/api/v1/ai/events', {
      camera_id: 'gate',
      task_type: 'people',
      frame_id: `f${frame}`,
      detections: [{ label: 'person' }],
    });
  writeFileSync(folder.file('counter/src/index.ts'), `// the same\n${counter}`);
  await told(heldar, 0, /↻ 5 batches replayed: the same as before \([\d.]+ s\)/);
  writeFileSync(folder.file('counter/src/index.ts'), counter.replace('?? 0) + 1', '?? 0) + 2'));
  const text = await told(heldar, 0, /↻ 5 batches replayed: not the same as before/);
  expect(text).not.toContain('not replayed');
  // 1 to 5 before, 2 to 10 by twos now.
  await told(heldar, 0, /table counter_rows {2}2 the same, 3 only before, 3 only now/);
  await told(heldar, 0, /\+ \{"n":10\}/);
});

test('a lockfile that changes makes it start again', async () => {
  using folder = folderWith(files);
  await using heldar = await startDev(folder.path);
  writeFileSync(folder.file('package-lock.json'), '{}');
  await until('it has started again', () => heldar.starts === 2);
  await says(heldar, 'hello gate');
  expect(heldar.out).toContain('● package-lock.json has changed: starting again');
});

function writeFiles(folder: TemporaryFolder, texts: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(texts)) folder.write(name, text);
}
