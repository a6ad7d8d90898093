/**
 * Takes away each guard once; ends with 1 when the census does not notice one.
 *
 *   node --conditions=heldar-source kernel/test/census/proof.ts [--only <text>]
 */
import { parseArgs } from 'node:util';
import { guards } from './guards.ts';
import { tryGuard } from './try-guard.ts';

const { values: flags } = parseArgs({ options: { only: { type: 'string', default: '' } } });
const print = (text: string) => process.stdout.write(`${text}\n`);
let missed = 0;
let count = 0;
for (const [index, { name }] of guards().entries()) {
  if (!name.includes(flags.only)) continue;
  count += 1;
  const { isNoticed, output } = await tryGuard(index);
  print(`${isNoticed ? 'noticed' : 'MISSED '} ${name}`);
  if (isNoticed) continue;
  missed += 1;
  print(output.slice(-2000));
}
print(`${count} guards taken away one by one, ${missed} not noticed`);
process.exitCode = missed === 0 && count > 0 ? 0 : 1;
