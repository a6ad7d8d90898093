/** Does the keyed state of a lane behave like a map that forgets what a failed call did to it? */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLaneState, laneStateBytes, valueBytes, type LaneState } from './lane-state.ts';

type Call =
  | { readonly op: 'set'; readonly key: string; readonly value: unknown }
  | { readonly op: 'delete' | 'get'; readonly key: string }
  | { readonly op: 'entries'; readonly prefix: string };

const key = fc.constantFrom('a', 'a/1', 'a/2', 'b', '', '\0', '__proto__', 'ä', '\ud83d\ude00', '\uffff');
const call: fc.Arbitrary<Call> = fc.oneof(
  fc.record({ op: fc.constant('set' as const), key, value: fc.jsonValue({ maxDepth: 2 }) }),
  fc.record({ op: fc.constantFrom('delete' as const, 'get' as const), key }),
  fc.record({ op: fc.constant('entries' as const), prefix: fc.constantFrom('', 'a', 'a/', 'b', 'z') }),
);
const generation = fc.record({ calls: fc.array(call, { maxLength: 12 }), resolves: fc.boolean() });

/** What a map answers, keys in the order of their code units. */
function told(map: ReadonlyMap<string, unknown>, prefix = ''): [string, unknown][] {
  return [...map].filter(([name]) => name.startsWith(prefix)).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Runs one call on both, and answers what each said. */
function run(state: ReturnType<LaneState['open']>['state'], model: Map<string, unknown>, step: Call) {
  switch (step.op) {
    case 'set':
      state.set(step.key, step.value);
      // As JSON keeps it, which knows no negative zero.
      model.set(step.key, JSON.parse(JSON.stringify(step.value)));
      break;
    case 'delete':
      state.delete(step.key);
      model.delete(step.key);
      break;
    case 'entries':
      return { said: [...state.entries(step.prefix)], expected: told(model, step.prefix) };
    case 'get':
      return {
        said: [state.get(step.key), state.has(step.key)],
        expected: [model.get(step.key), model.has(step.key)],
      };
  }
  return { said: state.size, expected: model.size };
}

test('it is a map of JSON values; of a call that fails nothing stays, of one that resolves everything', () => {
  fc.assert(
    fc.property(fc.array(generation, { maxLength: 6 }), (generations) => {
      const database = new Map<string, string>();
      const lane = createLaneState(new Map(database));
      let committed = new Map<string, unknown>();
      for (const { calls, resolves } of generations) {
        const opened = lane.open();
        const model = new Map(committed);
        for (const step of calls) {
          const { said, expected } = run(opened.state, model, step);
          expect(said).toEqual(expected);
        }
        opened.close();
        if (!resolves) continue;
        opened.keep();
        committed = model;
        for (const [name, text] of opened.delta)
          if (text === null) database.delete(name);
          else database.set(name, text);
        // What was handed to the store is the whole difference: a lane that starts from it finds the same.
        const restarted = createLaneState(new Map(database)).open().state;
        expect([...restarted.entries()]).toEqual(told(committed));
        expect(lane.size).toBe(committed.size);
      }
    }),
    {
      examples: [
        [
          [
            {
              calls: [
                { op: 'set', key: 'a', value: [-0] },
                { op: 'entries', prefix: '' },
              ],
              resolves: true,
            },
          ],
        ],
      ],
    },
  );
});

test('what is read can be changed without a trace, until it is set', () => {
  const lane = createLaneState(new Map([['visit', '{"seen":[1]}']]));
  const { state, delta } = lane.open();
  state.get<{ seen: number[] }>('visit')?.seen.push(2);
  for (const [, value] of state.entries<{ seen: number[] }>()) value.seen.push(3);
  expect(state.get('visit')).toEqual({ seen: [1] });
  expect(delta.size).toBe(0);
  const changed = { seen: [1, 2] };
  state.set('visit', changed);
  changed.seen.push(3);
  expect(state.get('visit')).toEqual({ seen: [1, 2] });
  expect(delta).toEqual(new Map([['visit', '{"seen":[1,2]}']]));
});

test('setting what is there already, and deleting what is not, changes nothing', () => {
  const { state, delta } = createLaneState(new Map([['a', '1']])).open();
  state.set('a', 1);
  state.delete('b');
  expect(delta.size).toBe(0);
});

test('entries are a snapshot of the keys, of which those deleted meanwhile are left out', () => {
  const { state } = createLaneState(new Map([['a', '1'], ['b', '2'], ['c', '3']])).open(); // prettier-ignore
  const seen: string[] = [];
  for (const [name] of state.entries()) {
    seen.push(name);
    state.set(`new ${name}`, 0);
    state.delete('b');
  }
  expect(seen).toEqual(['a', 'c']);
});

test('what is no JSON is refused by the name of its key', () => {
  const { state, delta } = createLaneState(new Map()).open();
  expect(() => state.set('a', undefined)).toThrow(
    /fx\.state\.set\('a', …\): the value is not JSON; use delete/,
  );
  expect(() => state.set('a', () => 1)).toThrow('not JSON');
  expect(() => state.set('a', 1n)).toThrow(TypeError);
  expect(delta.size).toBe(0);
});

test('half of a surrogate pair in a key is what the database makes of it', () => {
  const { state, delta } = createLaneState(new Map()).open();
  state.set('a\ud800', 1);
  state.set('a\udfff', 2);
  expect([...delta.keys()]).toEqual(['a\ufffd']);
  expect(state.get('a\ufffd')).toBe(2);
  expect(state.has('a\ud801')).toBe(true);
  state.delete('a\ud800');
  expect(state.size).toBe(0);
});

test('a value has a largest size, and so has a lane; what frees room is always taken', () => {
  const lane = createLaneState(new Map());
  const text = (length: number) => 'x'.repeat(length - 2);
  const first = lane.open();
  expect(() => first.state.set('a', text(valueBytes + 1))).toThrow(
    `${valueBytes + 1} bytes exceed ${valueBytes}`,
  );
  const values = laneStateBytes / valueBytes;
  // Each key is of two characters, which count.
  for (let n = 10; n < 10 + values; n += 1) first.state.set(`${n}`, text(valueBytes - 2));
  first.keep();
  const second = lane.open();
  expect(() => second.state.set('one more', 0)).toThrow(
    `fx.state would exceed ${laneStateBytes} bytes in this lane`,
  );
  expect(() => second.state.set('10', text(valueBytes - 1))).toThrow('would exceed');
  second.state.set('10', 1);
  second.state.set('one more', 0);
  // A call that failed has freed nothing.
  second.close();
  expect(() => lane.open().state.set('one more', 0)).toThrow('would exceed');
  const third = lane.open();
  third.state.delete('10');
  third.keep();
  lane.open().state.set('one more', 0);
});

test('after the call has ended nothing can be set or deleted', () => {
  const { state, delta, close } = createLaneState(new Map([['a', '1']])).open();
  close();
  expect(() => state.set('a', 2)).toThrow('used after its call had ended');
  expect(() => state.delete('a')).toThrow('used after its call had ended');
  expect(delta.size).toBe(0);
});

test('changes made elsewhere count once they are kept, and say which revision of the state there is', () => {
  const state = createLaneState(new Map([['a', '1']]));
  const given = state.adopt(
    new Map([
      ['a', null],
      ['b', '[2]'],
    ]),
  );
  expect([state.revision, state.all()]).toEqual([0, [['a', '1']]]);
  given.keep();
  expect([state.revision, state.all()]).toEqual([1, [['b', '[2]']]]);
  state.open().keep();
  expect(state.revision).toBe(2);
});

test('changes made elsewhere keep to the limits of a lane', () => {
  const state = createLaneState(new Map());
  const large = JSON.stringify('x'.repeat(valueBytes - 2));
  expect(() => state.adopt(new Map([['a', `${large} `]]))).toThrow(/bytes exceed/);
  const all = Array.from({ length: 16 }, (_, index) => [`key ${index}`, large] as const);
  expect(() => state.adopt(new Map(all))).toThrow(/fx.state would exceed/);
  expect(state.adopt(new Map(all.slice(1)))).toBeDefined();
});
