/** Which steps the setup has, in their order. */
import { dirname } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { buildWorkspaces } from './build.mjs';
import { checkScriptNode } from './script-node.mjs';
import { installPackages } from './packages.mjs';
import { runNpmScript } from './run-script.mjs';
import { SetupError } from './setup-error.mjs';
import { installTools } from './tools.mjs';

/** The folder of the project. */
const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/**
 * @param {readonly string[]} argv
 * @returns {Promise<number>} the exit code
 */
export async function setUp(argv) {
  try {
    const { forTests, script, rest } = readArguments(argv);
    await installPackages(root);
    await checkScriptNode(root);
    await installTools(root, forTests);
    await buildWorkspaces(root);
    return script === null ? 0 : await runNpmScript(root, script, rest);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    process.stderr.write(`✖ ${error.message}\n  next: ${error.next}\n`);
    return 1;
  }
}

/**
 * @param {readonly string[]} argv
 * @returns {{ forTests: boolean, script: string | null, rest: readonly string[] }}
 */
function readArguments(argv) {
  let forTests = false;
  for (let at = 0; at < argv.length; at += 2) {
    const [option, value] = [argv[at], argv[at + 1]];
    if (option === '--run' && value !== undefined)
      return { forTests, script: value, rest: argv.slice(at + 2) };
    if (option !== '--for' || value !== 'test') {
      const usage = 'node scripts/setup.mjs [--for test] [--run <npm script> [arguments …]]';
      throw new SetupError(`setup does not know ${argv.slice(at).join(' ')}`, usage);
    }
    forTests = true;
  }
  return { forTests, script: null, rest: [] };
}
