/** What does `heldar quarantine` do? Shows plugins that blocked the process or took too much, and lets them out again. */
import type { Command } from 'commander';
import { HeldarError } from '../errors.ts';
import { readComposition, withComposition, type CompositionFlags } from './composition.ts';
import { alignColumns } from './table.ts';

export function registerQuarantineCommand(program: Command): void {
  const command = program
    .command('quarantine')
    .description('plugins that are kept from starting: they blocked the process, or took too much');
  withComposition(command.command('list'))
    .description('who is in quarantine, since when and why')
    .action(list);
  withComposition(command.command('release'))
    .description('let a plugin start again: with the next start of the kernel, or with heldar plugin enable')
    .argument('<plugin>', 'its name')
    .action(release);
}

async function open(flags: CompositionFlags) {
  const [{ settings }, { openQuarantine }] = await Promise.all([
    readComposition(flags),
    import('../plugins/quarantine.ts'),
  ]);
  return openQuarantine(settings.dataDir);
}

async function list(flags: CompositionFlags): Promise<void> {
  const entries = (await open(flags)).entries();
  if (entries.length === 0) process.stdout.write('nobody is in quarantine\n');
  else
    process.stdout.write(
      alignColumns(
        entries.map(({ plugin, label, place, blockedMs, at, reason }) => [
          plugin,
          new Date(at).toISOString(),
          reason ?? `${label} blocked the process for ${blockedMs} ms${place === null ? '' : ` at ${place}`}`,
        ]),
      ),
    );
}

async function release(plugin: string, flags: CompositionFlags): Promise<void> {
  const quarantine = await open(flags);
  if (!quarantine.release(plugin)) {
    const names = quarantine.entries().map((entry) => entry.plugin);
    throw new HeldarError(
      'usage',
      `${plugin} is not in quarantine; ${names.length === 0 ? 'nobody is' : `there are ${names.join(', ')}`}`,
    );
  }
  process.stdout.write(
    `${plugin} is released: it starts with the next start of the kernel, or with heldar plugin enable ${plugin}\n`,
  );
}
