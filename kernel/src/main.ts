/** Which commands `heldar` has, and how it ends. */
import { Command, CommanderError } from 'commander';
import { registerKeyCommand, registerUserCommand } from './cli/access.ts';
import { registerAuditCommand, registerSecretsCommand } from './cli/secrets.ts';
import { registerConfigCommand } from './cli/config.ts';
import { registerDevCommand } from './cli/dev.ts';
import { registerDoctorCommand } from './cli/doctor.ts';
import { registerInspectCommand, registerListCommand } from './cli/inspect.ts';
import { registerMigrateCommand } from './cli/migrate.ts';
import { registerParkedCommand } from './cli/parked.ts';
import { registerPluginCommand } from './cli/plugin.ts';
import { registerReloadCommand } from './cli/plugin/change.ts';
import { registerQuarantineCommand } from './cli/quarantine.ts';
import { registerExplainCommand, registerReplayCommand, registerTapeCommand } from './cli/replay.ts';
import { registerSimulateCommand } from './cli/simulate.ts';
import { registerStartCommand } from './cli/start.ts';
import { HeldarError } from './errors.ts';
import { kernelVersion } from './version.ts';

/** One line per command, in the order of the help; each module of `cli/` registers itself and loads its work when it runs. */
const commands: readonly ((program: Command) => void)[] = [
  registerStartCommand,
  registerDevCommand,
  registerConfigCommand,
  registerListCommand,
  registerInspectCommand,
  registerPluginCommand,
  registerReloadCommand,
  registerDoctorCommand,
  registerParkedCommand,
  registerQuarantineCommand,
  registerUserCommand,
  registerKeyCommand,
  registerSecretsCommand,
  registerAuditCommand,
  registerMigrateCommand,
  registerTapeCommand,
  registerReplayCommand,
  registerExplainCommand,
  registerSimulateCommand,
];

/** Runs the command line; answers the exit code: 0, 1 when the command failed, 2 when it was used wrongly. */
export async function main(argv: readonly string[]): Promise<number> {
  const program = new Command('heldar')
    .description('An open media and perception platform.')
    .version(kernelVersion)
    .exitOverride()
    .showHelpAfterError('(heldar --help lists the commands)');
  for (const register of commands) register(program);
  try {
    await program.parseAsync([...argv]);
    // A command that ran another process ends as that one did.
    return Number(process.exitCode ?? 0);
  } catch (error) {
    return reportFailure(error);
  }
}

/** Commander has printed its own errors already. */
function reportFailure(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (!(error instanceof HeldarError)) throw error;
  process.stderr.write(`✖ ${error.message}\n`);
  return error.code === 'usage' ? 2 : 1;
}
