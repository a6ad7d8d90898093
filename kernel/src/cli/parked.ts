/** Which steps does `heldar parked` have? For what consumers and handlers could not process. */
import type { Command } from 'commander';
import { withAddress } from './ask-kernel.ts';
import { withComposition } from './composition.ts';

export function registerParkedCommand(program: Command): void {
  const command = program
    .command('parked')
    .description('what consumers and event handlers could not process; asks the running kernel');
  const step = (name: string, description: string): Command =>
    withAddress(withComposition(command.command(name))).description(description);
  step('list', 'all of it, oldest first')
    .option('--json', 'as JSON, with the batches and events themselves')
    .action(async (flags) => (await work()).listParked(flags));
  step('retry', 'process an item again, out of order')
    .argument('<id>', 'as the list shows it')
    .action(async (id, flags) => (await work()).retryParked(id, flags));
  step('drop', 'forget an item for good')
    .argument('<id>', 'as the list shows it')
    .action(async (id, flags) => (await work()).dropParked(id, flags));
}

function work(): Promise<typeof import('./run-parked.ts')> {
  return import('./run-parked.ts');
}
