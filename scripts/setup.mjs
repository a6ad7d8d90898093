/**
 * What has to be there before Heldar can start, and then starts it:
 *   node scripts/setup.mjs [--for test] [--run <npm script> [arguments of the script …]]
 * Runs under Node 20 or newer, before anything is installed, and so imports nothing but Node's own modules.
 */
import process from 'node:process';

const [major = 0] = process.versions.node.split('.').map(Number);
if (major < 20) {
  process.stderr.write(
    `✖ setup needs Node 20 or newer; this is ${process.versions.node} (${process.execPath})\n` +
      '  next: install a current Node from https://nodejs.org, then repeat the command\n',
  );
  process.exit(1);
}

// Imported after the check: an older Node may not even parse it.
const { setUp } = await import('./setup/steps.mjs');
process.exitCode = await setUp(process.argv.slice(2));
