/** Do a handler's effects become durable before its answer, whole or not at all? */
import { notFound, route, sql, z } from '@heldar/plugin-sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestStore, type TestStore } from '../testing/test-store.ts';
import { effectsOf, testHttp } from './http-for-tests.ts';

let testStore: TestStore;
beforeAll(async () => {
  testStore = await openTestStore({
    tables: `CREATE TABLE demo_counters (id TEXT PRIMARY KEY, n INTEGER NOT NULL);
             CREATE TABLE other_things (id TEXT PRIMARY KEY);`,
  });
});
afterAll(() => testStore.close());

const common = { capability: 'view', scope: { none: 'a test' } } as const;
const counter = z.object({ id: z.string() });
const read = (id: string) =>
  (testStore.sql('SELECT n FROM demo_counters WHERE id = ?', id)[0] as { n: number } | undefined)?.n;

function demo() {
  const { http, log } = testHttp([], { commitChange: (unit) => testStore.store.commit(unit) });
  const runs: string[] = [];
  http.mountPlugin(
    'demo',
    [
      route.post('/create/:id', {
        ...common,
        params: counter,
        output: counter,
        handle({ params, tx }) {
          tx.write(sql`INSERT INTO demo_counters VALUES (${params.id}, 0)`);
          if (params.id === 'refused') throw notFound('counter');
          return params;
        },
      }),
      route.post('/bump/:id', {
        ...common,
        params: counter,
        output: z.object({ n: z.number() }),
        handle({ params, tx }) {
          runs.push(params.id);
          const n = read(params.id) ?? 0;
          tx.write(sql`UPDATE demo_counters SET n = ${n + 1} WHERE id = ${params.id} AND n = ${n}`, {
            expectChanges: 1,
          });
          return { n: n + 1 };
        },
      }),
      route.post('/steal', {
        ...common,
        handle: ({ tx }) => tx.write(sql`INSERT INTO other_things VALUES ('x')`),
      }),
    ],
    effectsOf('demo'),
  );
  const post = async (path: string) => {
    const response = await http.inject(`/api/v1/plugins/demo${path}`, { method: 'POST' });
    return [response.status, response.status === 204 ? null : await response.json()];
  };
  return { post, runs, log };
}

test('the row is there when the answer arrives', async () => {
  expect(await demo().post('/create/first')).toEqual([200, { id: 'first' }]);
  expect(read('first')).toBe(0);
});

test('nothing is written when the handler throws', async () => {
  expect(await demo().post('/create/refused')).toEqual([404, { error: 'counter not found' }]);
  expect(read('refused')).toBeUndefined();
});

test('a row that exists already is a 409 at once', async () => {
  const { post } = demo();
  await post('/create/twice');
  const [status] = await post('/create/twice');
  expect(status).toBe(409);
});

test('concurrent changes run again on what changed meanwhile, and none is lost', async () => {
  const { post, runs } = demo();
  await post('/create/shared');
  const answers = await Promise.all(Array.from({ length: 4 }, () => post('/bump/shared')));
  expect(answers.map(([, body]) => (body as { n: number }).n).sort((a, b) => a - b)).toEqual([1, 2, 3, 4]);
  expect(read('shared')).toBe(4);
  expect(runs.length).toBeGreaterThan(4);
});

test('after three more runs a change that is always out of date is a 409', async () => {
  const { post, runs } = demo();
  const [status] = await post('/bump/missing');
  expect(status).toBe(409);
  expect(runs).toHaveLength(4);
});

test('a statement on the tables of others is refused, and only the log says which', async () => {
  const { post, log } = demo();
  expect(await post('/steal')).toEqual([500, { error: 'internal error' }]);
  expect(JSON.stringify(log)).toContain('other_things');
  expect(testStore.sql('SELECT * FROM other_things')).toEqual([]);
});
