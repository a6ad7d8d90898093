/** How each step of `heldar user` and `heldar key` is done, on the composition's database. */
import { randomBytes } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { createPasswords, passwordProblem } from '../auth/passwords.ts';
import { isCapability, type Role } from '../auth/permissions.ts';
import { mintToken } from '../auth/token.ts';
import { HeldarError } from '../errors.ts';
import { newId } from '../ids.ts';
import { createAccessQueries, type User } from '../store/access-queries.ts';
import type { CompositionFlags } from './composition.ts';
import { openSiteStore, type SiteStore } from './site-store.ts';
import { alignColumns } from './table.ts';

interface PasswordFlags {
  readonly passwordStdin?: true;
}

interface AddUserFlags extends CompositionFlags, PasswordFlags {
  readonly role: Role;
  readonly displayName?: string;
  readonly cameras?: string;
}

interface CreateKeyFlags extends CompositionFlags {
  readonly role: Role;
  readonly grants?: string;
  readonly cameras?: string;
  readonly days?: string;
}

type ListFlags = CompositionFlags & { readonly json?: true };

const dayMs = 86_400_000;

export async function addUser(name: string, flags: AddUserFlags): Promise<void> {
  const username = requireText(name, 'the name');
  const store = await openSiteStore(flags);
  const cameras = camerasOf(store, flags.cameras);
  const password = await passwordOf(flags);
  const id = newId('usr', Date.now());
  const { role } = flags;
  store.write(
    'users.create',
    {
      id,
      username,
      displayName: flags.displayName ?? null,
      role,
      active: true,
      passwordHash: await createPasswords().hash(password.text),
      cameras,
    },
    { action: 'create_user', targetType: 'user', targetId: id, detail: { role } },
  );
  say(`${username} may sign in, with the role ${flags.role}`);
  tell(password);
}

export async function listUsers(flags: ListFlags): Promise<void> {
  const users = (await openSiteStore(flags)).read((db) => createAccessQueries(db).users());
  if (flags.json === true) {
    const shown = users.map(({ id, username, displayName, role, active, cameras }) => ({
      id,
      username,
      display_name: displayName,
      role,
      active,
      camera_ids: cameras,
    }));
    process.stdout.write(`${JSON.stringify(shown, null, 2)}\n`);
  } else if (users.length === 0) say('there is no user; heldar user add makes one');
  else
    process.stdout.write(
      alignColumns([
        ['name', 'role', 'state', 'cameras'],
        ...users.map(({ username, role, active, cameras }) => [
          username,
          role,
          active ? 'active' : 'disabled',
          cameras === null ? 'all' : cameras.join(',') || 'none',
        ]),
      ]),
    );
}

export async function resetPassword(
  username: string,
  flags: CompositionFlags & PasswordFlags,
): Promise<void> {
  const store = await openSiteStore(flags);
  const user = userIn(store, username);
  const password = await passwordOf(flags);
  const passwordHash = await createPasswords().hash(password.text);
  store.write('users.update', { id: user.id, columns: { passwordHash } }, updateOf(user, ['password']));
  say(`${username} has another password, and is signed out everywhere`);
  tell(password);
}

export async function setActive(username: string, active: boolean, flags: CompositionFlags): Promise<void> {
  const store = await openSiteStore(flags);
  const user = userIn(store, username);
  store.write(
    'users.update',
    { id: user.id, columns: { active } },
    updateOf({ ...user, active }, ['active']),
  );
  say(active ? `${username} may sign in again` : `${username} is switched off, and signed out everywhere`);
}

export async function createKey(label: string, flags: CreateKeyFlags): Promise<void> {
  const name = requireText(label, 'the name');
  const store = await openSiteStore(flags);
  const now = Date.now();
  const { token, hash, prefix } = mintToken('key');
  const id = newId('key', now);
  const { role } = flags;
  store.write(
    'keys.create',
    {
      id,
      name,
      role,
      grants: grantsOf(flags.grants),
      cameras: camerasOf(store, flags.cameras),
      active: true,
      expiresAt: flags.days === undefined ? null : now + daysOf(flags.days) * dayMs,
      keyPrefix: prefix,
      keyHash: hash,
      createdBy: 'system',
    },
    { action: 'create_api_key', targetType: 'api_key', targetId: id, detail: { role } },
  );
  // The key alone on standard output, so that a script can take it from there.
  process.stderr.write(`the key of ${name}; it is shown this once:\n`);
  say(token);
}

export async function listKeys(flags: ListFlags): Promise<void> {
  const keys = (await openSiteStore(flags)).read((db) => createAccessQueries(db).keys());
  const timeOf = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());
  if (flags.json === true) {
    const shown = keys.map((key) => ({
      id: key.id,
      name: key.name,
      key_prefix: key.keyPrefix,
      role: key.role,
      grants: key.grants,
      camera_ids: key.cameras,
      active: key.active,
      expires_at: timeOf(key.expiresAt),
      last_used_at: timeOf(key.lastUsedAt),
    }));
    process.stdout.write(`${JSON.stringify(shown, null, 2)}\n`);
  } else if (keys.length === 0) say('there is no key; heldar key create makes one');
  else
    process.stdout.write(
      alignColumns([
        ['id', 'name', 'key', 'role', 'cameras', 'expires', 'last used'],
        ...keys.map((key) => [
          key.id,
          key.name,
          `${key.keyPrefix}…`,
          key.grants === null ? key.role : `${key.role} (${key.grants.join(',') || 'nothing'})`,
          key.cameras === null ? 'all' : key.cameras.join(',') || 'none',
          timeOf(key.expiresAt) ?? 'never',
          timeOf(key.lastUsedAt) ?? 'never',
        ]),
      ]),
    );
}

export async function revokeKey(id: string, flags: CompositionFlags): Promise<void> {
  const store = await openSiteStore(flags);
  store.write('keys.revoke', { id }, { action: 'delete_api_key', targetType: 'api_key', targetId: id });
  say(`${id} is revoked`);
}

function updateOf({ id, role, active }: Pick<User, 'id' | 'role' | 'active'>, changed: readonly string[]) {
  return {
    action: 'update_user',
    targetType: 'user',
    targetId: id,
    detail: { role, active, changed },
  };
}

function userIn(store: SiteStore, username: string): User {
  const user = store.read((db) => createAccessQueries(db).userByName(username.trim()));
  if (user === undefined)
    throw new HeldarError('usage', `there is no user ${username}; heldar user list shows them`);
  return user;
}

interface Password {
  readonly text: string;
  readonly isMadeUp: boolean;
}

/** @throws HeldarError `usage` for one that can't be a password. */
async function passwordOf({ passwordStdin }: PasswordFlags): Promise<Password> {
  if (passwordStdin !== true) return { text: randomBytes(12).toString('base64url'), isMadeUp: true };
  const given = (await text(process.stdin)).replace(/\r?\n$/, '');
  const problem = passwordProblem(given);
  if (problem !== null) throw new HeldarError('usage', problem);
  return { text: given, isMadeUp: false };
}

function tell({ text: password, isMadeUp }: Password): void {
  if (isMadeUp) say(`password: ${password}`);
}

/** @throws HeldarError `usage` naming the first that does not exist. */
function camerasOf(store: SiteStore, list: string | undefined): string[] | null {
  if (list === undefined) return null;
  const ids = itemsOf(list);
  const known = new Set(
    store.read((db) => (db.prepare('SELECT id FROM cameras').all() as { id: string }[]).map(({ id }) => id)),
  );
  const unknown = ids.find((id) => !known.has(id));
  if (unknown !== undefined) throw new HeldarError('usage', `--cameras: there is no camera ${unknown}`);
  return ids;
}

function grantsOf(list: string | undefined): string[] | null {
  if (list === undefined) return null;
  const grants = itemsOf(list);
  const unknown = grants.find((grant) => !isCapability(grant));
  if (unknown !== undefined) throw new HeldarError('usage', `--grants: there is no capability ${unknown}`);
  return grants;
}

function daysOf(given: string): number {
  const days = Number(given);
  if (Number.isFinite(days) && days > 0) return days;
  throw new HeldarError('usage', `--days: '${given}' is no number of days`);
}

function itemsOf(list: string): string[] {
  return list
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function requireText(given: string, what: string): string {
  const trimmed = given.trim();
  if (trimmed === '') throw new HeldarError('usage', `${what} is blank`);
  return trimmed;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
