/** Which commands go over the recorded log again: tapes of it, replays of a plugin, and the explanation of an event. */
import { Option, type Command } from 'commander';
import { withComposition } from './composition.ts';

const timeHelp = 'RFC 3339, or how long before now: 90s, 5m, 2h';

export function registerTapeCommand(program: Command): void {
  const command = program.command('tape').description('parts of the detection log as files');
  withComposition(command.command('export'))
    .description('write records of the log to a file; also while the kernel runs')
    .requiredOption('--out <file>', 'the tape; compressed when it ends in .gz or .zst')
    .option('--from <time>', `records received since; ${timeHelp}`)
    .option('--to <time>', `records received until; ${timeHelp}`)
    .option('--camera <id>', 'only this camera; may be given more than once', collect)
    .action(async (flags) => (await import('./run-tape.ts')).exportTape(flags));
  withComposition(command.command('import'))
    .description('make a tape the log of an empty data folder')
    .argument('<file>', 'the tape')
    .option('--into <folder>', 'the data folder (default: that of the composition)')
    .action(async (file: string, flags) => (await import('./run-tape.ts')).importTapeFile(file, flags));
}

export function registerReplayCommand(program: Command): void {
  withComposition(program.command('replay'))
    .description(
      'run a plugin over the recorded log, and print how the results differ from what was recorded',
    )
    .requiredOption('--plugin <name>', 'a plugin of the composition')
    .option('--from <time>', `compare since; ${timeHelp}`)
    .option('--to <time>', `compare until; ${timeHelp}`)
    .option('--tape <file>', 'go over this tape instead of the log of the data folder')
    .addOption(
      new Option('--against <what>', 'what to compare with; a tape alone is compared with nothing').choices([
        'live',
      ]),
    )
    .option('--json', 'as JSON, with every difference')
    .action(async (flags) => (await import('./run-replay.ts')).replay(flags));
}

export function registerExplainCommand(program: Command): void {
  withComposition(program.command('explain'))
    .description('which batch or tick, plugin and options an event comes from, shown by making it again')
    .argument('<event-id>', 'as the journal shows it')
    .option('--json', 'as JSON')
    .action(async (id: string, flags) => (await import('./run-explain.ts')).explain(id, flags));
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}
