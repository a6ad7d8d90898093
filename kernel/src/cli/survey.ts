/** What can be known of a composition's plugins without starting any: packages, modules and options, checked as a start would. */
import { join } from 'node:path';
import { databaseFileOf } from '../config/database-url.ts';
import type { ResolvedConfig } from '../config/load-config.ts';
import { HeldarError } from '../errors.ts';
import { kernelRouteNames } from '../boot/route-names.ts';
import { systemClock } from '../clock.ts';
import { createPluginHost, type HostedPlugin } from '../plugins/host.ts';
import { openLock, type LockInUse } from '../plugins/lock/check-lock.ts';
import { createImportLoader } from '../plugins/module-loader.ts';
import { openQuarantine } from '../plugins/quarantine.ts';
import { createBootTrace } from '../runtime/boot-trace.ts';
import { noWatch } from '../runtime/watchdog.ts';
import { sdkVersion } from '../version.ts';

/**
 * Runs the modules' own code, but no `setup`; and none of a plugin that is not what `heldar.lock` says, unless `isAccepted`.
 * @throws HeldarError `config_invalid` when `heldar.lock` can't be read.
 */
export async function surveyPlugins(
  config: ResolvedConfig,
  isAccepted?: LockInUse['isAccepted'],
): Promise<readonly HostedPlugin[]> {
  const host = createPluginHost({
    plugins: config,
    cwd: config.cwd,
    sdkVersion,
    kernelRoutes: kernelRouteNames,
    databaseFile: databaseFileOf(config.settings.databaseUrl),
    random: Math.random,
    clock: systemClock,
    watch: noWatch,
    trace: createBootTrace(() => systemClock.monotonic()),
    allowDrafts: true,
    quarantined: () => openQuarantine(config.settings.dataDir).entries(),
    keepOut() {},
    lock: () => openLock(config, isAccepted),
    loader: createImportLoader(),
    snapshots: join(config.settings.dataDir, 'plugin-snapshots'),
    onFailure() {},
    onRefused() {},
  });
  try {
    await host.load();
  } catch (error) {
    // A required plugin that can't run is in the list like any other.
    if (!(error instanceof HeldarError) || error.code !== 'plugin_failed') throw error;
  }
  await host.stop();
  return host.list();
}
