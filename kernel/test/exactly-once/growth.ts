/** What is added to the migrations of the plugin `growth` between two starts? Steps that, done twice or by half, show. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export function addSteps(folder: string, more: number): void {
  mkdirSync(folder, { recursive: true });
  const first = readdirSync(folder).length + 1;
  for (let step = first; step < first + more; step += 1)
    writeFileSync(
      join(folder, `${String(step).padStart(4, '0')}_step.sql`),
      step === 1 ? firstStep : nextStep(step),
    );
}

const firstStep = `CREATE TABLE growth_total (total INTEGER NOT NULL);
INSERT INTO growth_total VALUES (1);
CREATE TABLE growth_history (step INTEGER NOT NULL, total INTEGER NOT NULL);
INSERT INTO growth_history VALUES (1, 1);
`;

/** Each changes data, makes a table, and rebuilds one. */
function nextStep(step: number): string {
  return `UPDATE growth_total SET total = total + ${step};
CREATE TABLE growth_step_${step} AS SELECT total FROM growth_total;
CREATE TABLE growth_history_new (step INTEGER NOT NULL, total INTEGER NOT NULL);
INSERT INTO growth_history_new SELECT step, total FROM growth_history;
INSERT INTO growth_history_new SELECT ${step}, total FROM growth_total;
DROP TABLE growth_history;
ALTER TABLE growth_history_new RENAME TO growth_history;
`;
}
