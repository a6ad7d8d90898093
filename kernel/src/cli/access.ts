/** Which steps do `heldar user` and `heldar key` have? For the operator at the machine, who needs no credential: the data folder is theirs. */
import { Option, type Command } from 'commander';
import { capabilities, roles } from '../auth/permissions.ts';
import { withComposition } from './composition.ts';

export function registerUserCommand(program: Command): void {
  const command = program
    .command('user')
    .description('accounts of people, in the database of the composition; the kernel may run');
  const step = (name: string, description: string): Command =>
    withComposition(command.command(name)).description(description);
  step('add', 'create an account; prints the password that it made up')
    .argument('<username>', 'as it is typed to sign in')
    .addOption(new Option('--role <role>', 'what it may do').choices(roles).default('viewer'))
    .option('--display-name <text>', 'as others see it')
    .option('--cameras <ids>', 'limit it to these, with commas between')
    .option('--password-stdin', 'take the password from standard input')
    .action(async (username, flags) => (await work()).addUser(username, flags));
  step('list', 'all accounts')
    .option('--json', 'as JSON')
    .action(async (flags) => (await work()).listUsers(flags));
  step('reset-password', 'give an account another password, and end its sessions')
    .argument('<username>')
    .option('--password-stdin', 'take the password from standard input')
    .action(async (username, flags) => (await work()).resetPassword(username, flags));
  step('disable', 'switch an account off, and end its sessions')
    .argument('<username>')
    .action(async (username, flags) => (await work()).setActive(username, false, flags));
  step('enable', 'switch an account on again')
    .argument('<username>')
    .action(async (username, flags) => (await work()).setActive(username, true, flags));
}

export function registerKeyCommand(program: Command): void {
  const command = program
    .command('key')
    .description('API keys of workers and scripts, in the database of the composition; the kernel may run');
  const step = (name: string, description: string): Command =>
    withComposition(command.command(name)).description(description);
  step('create', 'make a key; prints it, once')
    .argument('<name>', 'what it is for')
    .addOption(new Option('--role <role>', 'what it may do').choices(roles).default('integration'))
    .option(
      '--grants <capabilities>',
      `less than its role: of ${capabilities.join(', ')}, with commas between`,
    )
    .option('--cameras <ids>', 'limit it to these, with commas between')
    .option('--days <number>', 'how long it works (default: until it is revoked)')
    .action(async (name, flags) => (await work()).createKey(name, flags));
  step('list', 'all keys; never their text')
    .option('--json', 'as JSON')
    .action(async (flags) => (await work()).listKeys(flags));
  step('revoke', 'end a key for good')
    .argument('<id>', 'as the list shows it')
    .action(async (id, flags) => (await work()).revokeKey(id, flags));
}

function work(): Promise<typeof import('./run-access.ts')> {
  return import('./run-access.ts');
}
