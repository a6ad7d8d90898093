/** Which commands there are, and how they end. */
import { Command, CommanderError } from 'commander';
import { licences, packageManagers, templates } from './choices.ts';
import { createProject } from './create/create-project.ts';
import type { Flags } from './create/flags.ts';
import { Failure } from './failure.ts';
import type { Surroundings } from './surroundings.ts';
import { updateProject, type UpdateFlags } from './update/update-project.ts';

/** Runs a command line, without the program's name; answers the exit code. */
export async function main(args: readonly string[], surroundings: Surroundings): Promise<number> {
  let code = 0;
  const program = commands(surroundings, (ended) => (code = ended));
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    if (!(error instanceof Failure)) throw error;
    surroundings.complain(`✖ ${error.message}\n  next: ${error.next}`);
    return 1;
  }
}

function commands(surroundings: Surroundings, end: (code: number) => void): Command {
  const oneOf = (choices: object) => Object.keys(choices).join(', ');
  const program = new Command('create-heldar-plugin')
    .description('Makes a Heldar plugin that runs, with its tests.')
    .exitOverride()
    // `update` has a --force of its own.
    .enablePositionalOptions()
    .configureOutput({
      writeOut: (text) => surroundings.print(text.trimEnd()),
      writeErr: (text) => surroundings.complain(text.trimEnd()),
    })
    .argument('[folder]', 'where; its last part names the plugin')
    .option('--name <name>', 'what the plugin is called, when not like its folder')
    .option('--package <name>', 'what its npm package is called (default: heldar-plugin-<name>)')
    .option('--template <template>', oneOf(templates))
    .option('--package-manager <manager>', `${oneOf(packageManagers)} (default: the one that runs this)`)
    .option('--license <licence>', oneOf(licences))
    .option('--git', 'make it a git repository (default: unless it lies in one)')
    .option('--no-git', 'do not')
    .option('--install', 'install its packages (default)')
    .option('--no-install', 'do not')
    .option('-y, --yes', 'ask nothing, take the defaults')
    .option('--force', 'write into a folder that holds files; those of the same name are replaced')
    .action(async (folder: string | undefined, flags: Flags) =>
      end(await createProject(folder, flags, surroundings)),
    );
  program
    .command('update')
    .description('bring a project what its template has gained since it was made')
    .argument('[folder]', 'of the project', '.')
    .option('--dry-run', 'tell what would change, and change nothing')
    .option('--force', 'also when git shows changes that are not committed')
    .action(async (folder: string, flags: UpdateFlags) =>
      end(await updateProject(folder, flags, surroundings)),
    );
  return program;
}
