/** The first administrator: without one, nobody could sign in to make one. */
import type { Logger } from '@heldar/plugin-sdk';
import { newAudit } from '../audit/new-audit.ts';
import type { Clock } from '../clock.ts';
import type { Settings } from '../config/settings.ts';
import { HeldarError } from '../errors.ts';
import { newId } from '../ids.ts';
import type { AccessQueries } from '../store/access-queries.ts';
import type { Store } from '../store/store.ts';
import { systemPrincipal } from './permissions.ts';
import { passwordProblem, type Passwords } from './passwords.ts';

/**
 * Makes it of the settings, while there is no user at all.
 * @throws HeldarError `config_invalid` for a blank name or a password that can't be one: the kernel would run, and let nobody in.
 */
export async function createFirstAdmin(options: {
  readonly settings: Settings['auth'];
  readonly queries: Pick<AccessQueries, 'hasUsers'>;
  readonly store: Pick<Store, 'write'>;
  readonly passwords: Passwords;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Logger;
  /** At another server. */
  readonly othersMaySignIn: boolean;
}): Promise<void> {
  const { settings, queries, store, log } = options;
  const { enabled, bootstrapUser, bootstrapPassword } = settings;
  if (!enabled || queries.hasUsers()) return;
  if (bootstrapUser === null && bootstrapPassword === null) {
    if (options.othersMaySignIn) return;
    log.warn('sign-in is on and there is no user: make one with heldar user add <name> --role admin');
    return;
  }
  const username = bootstrapUser?.trim() ?? '';
  const password = bootstrapPassword ?? '';
  const problem = username === '' ? 'it is blank' : passwordProblem(password);
  const variable = username === '' ? 'HELDAR_BOOTSTRAP_ADMIN_USER' : 'HELDAR_BOOTSTRAP_ADMIN_PASSWORD';
  if (problem !== null)
    throw new HeldarError(
      'config_invalid',
      `${variable}: ${problem}; without a first administrator nobody could sign in`,
    );
  const now = options.clock.now();
  const id = newId('usr', now);
  const isMade = await store.write(
    'users.create-first',
    {
      id,
      username,
      displayName: username,
      role: 'admin',
      active: true,
      passwordHash: await options.passwords.hash(password),
      cameras: null,
    },
    newAudit(now, systemPrincipal, {
      action: 'create_user',
      targetType: 'user',
      targetId: id,
      detail: { role: 'admin' },
    }),
  );
  if (isMade) log.info({ username }, 'made the first administrator');
}
