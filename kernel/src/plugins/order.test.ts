import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { orderPlugins } from './order.ts';

const plugin = (name: string, ...requires: string[]) => ({ name, requires });

test('plugins keep the order of the composition, each behind those it requires', () => {
  const plugins = [plugin('b', 'd'), plugin('a'), plugin('d', 'c'), plugin('c')];
  expect(orderPlugins(plugins)).toEqual({ order: ['c', 'd', 'b', 'a'], cycles: [] });
});

test('a cycle is told as the path that comes back, and blocks whoever requires it', () => {
  const plugins = [plugin('a', 'b'), plugin('b', 'c'), plugin('c', 'a'), plugin('d', 'c'), plugin('e')];
  expect(orderPlugins(plugins)).toEqual({ order: ['e'], cycles: [['a', 'b', 'c', 'a']] });
});

test('a plugin that requires itself is a cycle of one', () => {
  expect(orderPlugins([plugin('a', 'a')])).toEqual({ order: [], cycles: [['a', 'a']] });
});

test('what is required but not there does not hold anybody up: that is another check', () => {
  expect(orderPlugins([plugin('a', 'gone')])).toEqual({ order: ['a'], cycles: [] });
});

test('whatever requires whatever: everybody starts behind what it needs, and is left out only for a cycle', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  const graph = fc.tuple(...names.map(() => fc.subarray(names)));
  fc.assert(
    fc.property(graph, fc.shuffledSubarray(names), (needs, listed) => {
      const plugins = listed.map((name) => plugin(name, ...(needs[names.indexOf(name)] ?? [])));
      const { order, cycles } = orderPlugins(plugins);
      const needsOf = (name: string) =>
        plugins.find((other) => other.name === name)?.requires.filter((need) => listed.includes(need)) ?? [];
      for (const [position, name] of order.entries())
        for (const need of needsOf(name)) expect(order.indexOf(need)).toBeLessThan(position);
      for (const cycle of cycles)
        for (const [position, name] of cycle.slice(0, -1).entries())
          expect(needsOf(name)).toContain(cycle[position + 1]);
      for (const name of listed)
        expect(order.includes(name)).toBe(!reaches(name, new Set(cycles.flat()), needsOf));
    }),
  );
});

/** Is it a member of a cycle, or does it require one, over any number of steps? */
function reaches(
  from: string,
  members: ReadonlySet<string>,
  needsOf: (name: string) => readonly string[],
): boolean {
  const seen = new Set<string>();
  const visit = (name: string): boolean => {
    if (members.has(name)) return true;
    if (seen.has(name)) return false;
    seen.add(name);
    return needsOf(name).some(visit);
  };
  return visit(from);
}
