/** Who gets in: people, sessions, keys, tokens, and what of their use is written down. */
import { createAccessLog } from '../audit/access-log.ts';
import { createCallers } from '../auth/caller.ts';
import { everyCamera, namedCameras } from '../auth/camera-scope.ts';
import { sweepSessions, sweepSessionsMs } from '../auth/ended-sessions.ts';
import { createFirstAdmin } from '../auth/first-admin.ts';
import { checkOidc } from '../auth/oidc/check-settings.ts';
import { createFederatedSignIn, type FederatedSignIn } from '../auth/oidc/sign-in.ts';
import { createPasswords, type Passwords } from '../auth/passwords.ts';
import { createUrlTokens, type UrlTokens } from '../auth/url-tokens.ts';
import type { CameraRegistry } from '../cameras/registry.ts';
import type { Clock } from '../clock.ts';
import type { Settings } from '../config/settings.ts';
import { messageOf } from '../errors.ts';
import { createClientAddresses } from '../http/client-address.ts';
import { createIdentify } from '../http/identity.ts';
import type { HttpOptions } from '../http/server.ts';
import type { KernelLog } from '../log.ts';
import type { Lifecycle } from '../runtime/lifecycle.ts';
import { startLoop } from '../runtime/loop.ts';
import { createAccessQueries, type AccessQueries } from '../store/access-queries.ts';
import type { Store } from '../store/store.ts';

export interface Access {
  readonly queries: AccessQueries;
  readonly passwords: Passwords;
  readonly urlTokens: UrlTokens;
  /** Sign-in at another server; null: there is none. */
  readonly federated: FederatedSignIn | null;
  /** What the HTTP side asks. */
  readonly http: Pick<HttpOptions, 'clients' | 'identify' | 'camerasOf' | 'accessLog'>;
}

const hourMs = 3_600_000;

/** Makes the first administrator, too. @throws HeldarError `config_invalid`. */
export async function openAccess(options: {
  readonly store: Store;
  readonly settings: Settings;
  readonly registry: CameraRegistry;
  readonly clock: Clock;
  readonly log: KernelLog;
  readonly lifecycle: Lifecycle;
}): Promise<Access> {
  const { store, settings, registry, clock } = options;
  const { keyring } = store;
  const { auth } = settings;
  const log = options.log.part('auth');
  const queries = createAccessQueries(store.reader);
  const passwords = createPasswords();
  const oidc = checkOidc(settings);
  const idleMs = auth.idleMinutes * 60_000;
  await createFirstAdmin({
    settings: auth,
    queries,
    store,
    passwords,
    clock,
    log,
    othersMaySignIn: oidc !== null,
  });
  const callers = createCallers({
    queries,
    store,
    clock,
    enabled: auth.enabled,
    idleMs,
    onError: (error) => log.warn({ reason: messageOf(error) }, 'the use of a credential could not be noted'),
  });
  const ended = startLoop({
    clock,
    everyMs: sweepSessionsMs,
    run: () => sweepSessions(store, clock, idleMs),
    onError: (error) => log.warn({ reason: messageOf(error) }, 'sessions that are over could not be dropped'),
  });
  options.lifecycle.onStop('sessions', () => ended.stop());
  const urlTokens = createUrlTokens(keyring, clock);
  const cameraExists = (id: string) => registry.get(id) !== undefined;
  const lifetimeMs = auth.sessionHours * hourMs;
  return {
    queries,
    passwords,
    urlTokens,
    federated:
      oidc === null
        ? null
        : createFederatedSignIn({ settings: oidc, queries, store, clock, keyring, lifetimeMs }),
    http: {
      clients: createClientAddresses(auth.trustedProxies),
      identify: createIdentify(callers, urlTokens),
      camerasOf: ({ cameras }) =>
        cameras === null ? everyCamera(cameraExists) : namedCameras(cameras, cameraExists),
      accessLog: createAccessLog({ store, clock }),
    },
  };
}
