/** Is `heldar.lock` what the plugins of the composition are? Those that differ in what they may do are refused: `check-plugins.ts` tells. */
import { showFile } from '../../config/code-frame.ts';
import type { ResolvedConfig } from '../../config/load-config.ts';
import { openLock } from '../../plugins/lock/check-lock.ts';
import { differencesOf } from '../../plugins/lock/differences.ts';
import { lockEntryOf } from '../plugin/relock.ts';
import { surveyPlugins } from '../survey.ts';
import type { Finding } from './checks.ts';

export async function* checkLockFile(config: ResolvedConfig): AsyncGenerator<Finding> {
  const lock = openLock(config);
  if (lock === null) return;
  const shown = showFile(lock.file, config.cwd);
  const plugins = await surveyPlugins(config);
  const outdated: string[] = [...lock.plugins.keys()]
    .filter((name) => plugins.every((plugin) => plugin.name !== name))
    .map((name) => `${name} is not in the composition`);
  let same = 0;
  for (const plugin of plugins) {
    const locked = lock.plugins.get(plugin.name);
    const now = locked === undefined ? null : await lockEntryOf(plugin, config.cwd);
    if (locked === undefined || now === null) continue;
    const differences = differencesOf(locked, { ...now, checksum: (path) => now.migrations[path] ?? null });
    if (differences.length === 0) same += 1;
    outdated.push(...differences.map(({ text }) => `${plugin.name}: ${text}`));
  }
  yield { ok: true, text: `${shown}: ${same} of ${plugins.length} plugins are what was agreed to` };
  if (outdated.length > 0)
    yield {
      ok: true,
      text: `${shown}: it says more than is needed; heldar plugin lock brings it up to date\n${outdated.join('\n')}`,
    };
}
