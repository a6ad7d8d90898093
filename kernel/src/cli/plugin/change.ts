/** What do `heldar plugin reload`, `enable`, `disable` and `upgrade` take? They change the running kernel. */
import type { Command } from 'commander';
import { withAddress } from '../ask-kernel.ts';
import { withComposition } from '../composition.ts';

export function registerChangeCommands(plugin: Command): void {
  const step = (name: string, description: string): Command =>
    withAddress(withComposition(plugin.command(name)))
      .description(`${description}; asks the running kernel`)
      .argument('<plugin>', 'its name');
  step(
    'reload',
    'load code and options again and swap them in; a version that fails is not taken over',
  ).action(async (name: string, flags) => (await work()).changePlugin('reload', name, flags));
  step('enable', 'start one that was stopped, or has failed')
    .option('--write', 'also take it out of `disable` in the composition')
    .action(async (name: string, flags) => (await work()).changePlugin('enable', name, flags));
  step('disable', 'stop one until it is enabled again, or until the next start')
    .option('--write', 'also switch it off in the composition, for every start')
    .action(async (name: string, flags) => (await work()).changePlugin('disable', name, flags));
  step(
    'upgrade',
    'install another version of its package and swap it in; the old one comes back when that fails',
  )
    .argument('[version]', 'a version, a tag, or an archive made by npm pack', 'latest')
    .action(async (name: string, version: string, flags) =>
      (await import('./run-upgrade.ts')).upgradePlugin(name, version, flags),
    );
}

/** `heldar reload parking`: what a watcher would do where none can see the files. */
export function registerReloadCommand(program: Command): void {
  withAddress(withComposition(program.command('reload')))
    .description('take over a change of a plugin that no watcher has seen; asks the running kernel')
    .argument('<plugin>', 'its name')
    .action(async (name: string, flags) => (await work()).changePlugin('reload', name, flags));
}

function work(): Promise<typeof import('./run-change.ts')> {
  return import('./run-change.ts');
}
