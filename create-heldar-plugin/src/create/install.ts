/** How do the packages of a project come into it? */
import { execa } from 'execa';
import type { PackageManager } from '../choices.ts';
import { ways } from '../package-manager.ts';

/** What it says goes to the terminal. Answers why it did not work, or null when it did. */
export async function installPackages(
  folder: string,
  packageManager: PackageManager,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string | null> {
  const [program = '', ...args] = ways[packageManager].install;
  const { failed, exitCode } = await execa(program, args, {
    cwd: folder,
    env: ownEnvironment(env),
    extendEnv: false,
    reject: false,
    stdin: 'ignore',
    stdout: 'inherit',
    stderr: 'inherit',
  });
  if (!failed) return null;
  return exitCode === undefined
    ? `${program} could not be started`
    : `${program} ${args.join(' ')} ended with ${exitCode}; what it says stands above`;
}

/** Without what npm told this command about itself: its folder would be taken for the project's. */
function ownEnvironment(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      value === undefined ||
      /^(?:npm_(?:package|lifecycle|command|execpath)|npm_config_(?:local_prefix|package|workspaces?|user_agent)$|INIT_CWD$)/i.test(
        name,
      )
        ? []
        : [[name, value] as const],
    ),
  );
}
