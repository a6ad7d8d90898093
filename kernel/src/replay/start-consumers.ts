/** How does a plugin's code run without a kernel around it? Its `setup` in a context that reads the shadow store and reaches nothing else. */
import type { CameraInfo, ConsumerDefinition, Logger, PluginDefinition } from '@heldar/plugin-sdk';
import { HeldarError, messageOf } from '../errors.ts';
import { checkContributions } from '../plugins/contributions.ts';
import { placeOf } from '../plugins/failure.ts';
import { defaultLimits } from '../plugins/limits.ts';
import { runAs } from '../plugins/running-as.ts';
import { offerToken, openScope } from '../plugins/scope.ts';
import { createServices } from '../plugins/services.ts';
import { createRootContainer, provide } from '../plugins/tokens.ts';
import { withDeadline } from '../runtime/deadline.ts';
import type { ReadDb } from '../store/store.ts';

const { setupMs, disposeMs } = defaultLimits;

export interface StartedConsumers {
  readonly consumers: readonly ConsumerDefinition<never, never, never>[];
  /** Undoes what `setup` started. */
  dispose(): Promise<void>;
}

/** @throws HeldarError `plugin_failed` when `setup` throws, `plugin_invalid` for what it returns. */
export async function startConsumers(options: {
  readonly definition: PluginDefinition;
  /** Checked. */
  readonly config: unknown;
  readonly folder: string | null;
  readonly db: ReadDb;
  readonly cameras: readonly CameraInfo[];
  readonly log: Logger;
}): Promise<StartedConsumers> {
  const { definition, config, folder, db, cameras, log } = options;
  const { name } = definition;
  const root = createRootContainer();
  provide(root, offerToken, () => ({
    db,
    log: () => log,
    // None is offered: what another plugin answered is not in the log.
    services: createServices(),
    fetch: () =>
      Promise.reject(new HeldarError('unavailable', `${name}: a replay does not reach the network`)),
    cameras: { get: (id) => cameras.find((camera) => camera.id === id), list: () => [...cameras] },
  }));
  const abort = new AbortController();
  const capabilities = definition.capabilities ?? [];
  const scope = openScope(root, { name, config, capabilities, folder }, abort.signal);
  const returned = await runSetup(definition, scope.context, folder);
  const contributions = checkContributions(definition, returned);
  return {
    consumers: (contributions.consumers ?? []) as readonly ConsumerDefinition<never, never, never>[],
    async dispose() {
      abort.abort(new Error(`${name} is disposed`));
      try {
        const ended = Promise.resolve(contributions.dispose?.());
        await withDeadline(ended, disposeMs, `it did not end within ${disposeMs} ms`);
      } catch (error) {
        log.error({ reason: messageOf(error) }, `dispose of ${name} failed`);
      }
      scope.dispose();
    },
  };
}

async function runSetup(
  definition: PluginDefinition,
  context: unknown,
  folder: string | null,
): Promise<unknown> {
  const { name } = definition;
  try {
    return await withDeadline(
      Promise.resolve(runAs(name, () => definition.setup(context as never))),
      setupMs,
      `it did not finish within ${setupMs} ms`,
    );
  } catch (error) {
    const place = placeOf(error, folder);
    throw new HeldarError(
      'plugin_failed',
      `${name} can't be replayed: setup failed: ${messageOf(error)}${place === null ? '' : `\n    ${place}`}\n  next: a replay offers neither the network nor other plugins; use them in handlers, jobs and routes`,
      { cause: error },
    );
  }
}
