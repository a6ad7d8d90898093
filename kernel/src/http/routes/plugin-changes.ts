/** Changing a running site: a plugin's code or options anew, one stopped, one started. The composition stays the truth for the next start. */
import { z } from 'zod';
import { HeldarError } from '../../errors.ts';
import type { ChangeOutcome, PluginChange } from '../../plugins/changes.ts';
import { failureLine } from '../../plugins/failure.ts';
import { kernelRoute, type KernelRoute } from '../kernel-route.ts';

export interface PluginChangeDeps {
  change(change: PluginChange): Promise<ChangeOutcome>;
}

const outcome = z.object({
  plugin: z.string(),
  did: z.enum(['started', 'swapped', 'stopped', 'nothing']),
  /** Until it was live. */
  took_ms: z.number(),
});

const scope = { none: 'about plugins; no camera is named' } as const;
const params = z.object({ name: z.string() });

/** A change waits for the ones before it, and for calls under way when tables change. */
const timeoutMs = 120_000;

const summaries = {
  reload: 'Load a plugin’s code and options again and swap it in; when that fails, what ran before serves on',
  enable: 'Start a plugin that was stopped or has failed',
  disable: 'Stop a plugin until the next start, or until it is enabled again',
} as const;

export function pluginChangeRoutes({ change }: PluginChangeDeps): KernelRoute[] {
  return (['reload', 'enable', 'disable'] as const).map((kind) =>
    kernelRoute.post(`/api/v1/admin/plugins/:name/${kind}`, {
      summary: summaries[kind],
      capability: 'admin',
      scope,
      audit: { action: `${kind}_plugin`, target: 'plugin' },
      params,
      output: outcome,
      timeoutMs,
      async handle({ params: { name }, acting }) {
        await acting(name);
        const { plugin, did, failure, tookMs } = await change({ kind, name });
        if (failure === null && did !== 'refused' && did !== 'failed')
          return { plugin, did, took_ms: Math.round(tookMs * 10) / 10 };
        const serving = did === 'refused' ? '; what ran before serves on' : '';
        throw new HeldarError(
          'change_refused',
          failure === null ? `${plugin}: ${did}` : `${failureLine(plugin, failure)}${serving}`,
          {
            details: {
              plugin,
              ...(failure === null ? {} : { stage: failure.stage, place: failure.place, next: failure.next }),
            },
          },
        );
      },
    }),
  );
}
