/** Which commands `heldar` has, and how it ends. */
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { registerConfigCommand } from './cli/config.ts';
import { registerSimulateCommand } from './cli/simulate.ts';
import { registerStartCommand } from './cli/start.ts';
import { HeldarError } from './errors.ts';

/** One line per command, in the order of the help; each module of `cli/` registers itself and loads its work when it runs. */
const commands: readonly ((program: Command) => void)[] = [
  registerStartCommand,
  registerConfigCommand,
  registerSimulateCommand,
];

/** Runs the command line; answers the exit code: 0, 1 when the command failed, 2 when it was used wrongly. */
export async function main(argv: readonly string[]): Promise<number> {
  const program = new Command('heldar')
    .description('An open media and perception platform.')
    .version(ownVersion())
    .exitOverride()
    .showHelpAfterError('(heldar --help lists the commands)');
  for (const register of commands) register(program);
  try {
    await program.parseAsync([...argv]);
    return 0;
  } catch (error) {
    return reportFailure(error);
  }
}

/** `package.json` lies above `src/` as above `dist/`. */
function ownVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** Commander has printed its own errors already. */
function reportFailure(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (!(error instanceof HeldarError)) throw error;
  process.stderr.write(`✖ ${error.message}\n`);
  return error.code === 'usage' ? 2 : 1;
}
