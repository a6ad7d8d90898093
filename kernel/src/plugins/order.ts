/** In which order plugins start: each behind those it requires, otherwise as the composition lists them. */

export interface Orderable {
  readonly name: string;
  readonly requires: readonly string[];
}

/** `cycles`: each as a path that ends where it began, `['a', 'b', 'a']`. Members of a cycle, and whoever requires them, are not in `order`. */
export function orderPlugins(plugins: readonly Orderable[]): { order: string[]; cycles: string[][] } {
  const byName = new Map(plugins.map((plugin) => [plugin.name, plugin]));
  const order: string[] = [];
  const cycles: string[][] = [];
  const state = new Map<string, 'visiting' | 'placed' | 'blocked'>();

  const visit = (name: string, path: readonly string[]): boolean => {
    const known = state.get(name);
    if (known === 'placed') return true;
    if (known === 'blocked') return false;
    if (known === 'visiting') {
      cycles.push([...path.slice(path.indexOf(name)), name]);
      return false;
    }
    state.set(name, 'visiting');
    const needs = byName.get(name)?.requires.filter((need) => byName.has(need)) ?? [];
    const free = needs.map((need) => visit(need, [...path, name])).every(Boolean);
    state.set(name, free ? 'placed' : 'blocked');
    if (free) order.push(name);
    return free;
  };
  for (const { name } of plugins) visit(name, []);
  return { order, cycles };
}
