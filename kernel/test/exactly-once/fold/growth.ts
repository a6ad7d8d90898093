/** What must the migrations of the plugin `growth` have left, given how many there are? */
import type { Folded, Row } from './folded.ts';

export function foldGrowth(steps: number): Folded {
  const tables: { [table: string]: Row[] } = { growth_total: [], growth_history: [] };
  let total = 0;
  for (let step = 1; step <= steps; step += 1) {
    total += step;
    tables['growth_history']?.push({ step, total });
    if (step > 1) tables[`growth_step_${step}`] = [{ total }];
  }
  tables['growth_total']?.push({ total });
  return { tables };
}
