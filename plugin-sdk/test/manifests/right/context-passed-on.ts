/** A context that is passed on to functions which ask for all of it, or for a part. */
import {
  type Contributions,
  definePlugin,
  type PluginCapability,
  type PluginContext,
  z,
} from '@heldar/plugin-sdk';

interface Options {
  greeting: string;
}

function services(ctx: PluginContext<Options>): Contributions['services'] {
  const mail = ctx.service<(to: string) => Promise<boolean>>('mail', 'send');
  return { greet: async (to: string) => mail(`${ctx.config.greeting}, ${to}`) };
}

function names({ cameras }: Pick<PluginContext<Options>, 'cameras'>): string[] {
  return cameras.list().map(({ name }) => name);
}

const computed: PluginCapability[] = ['cameras:read', 'services:call'];

export const held = definePlugin({
  name: 'demo',
  config: z.object({ greeting: z.string() }),
  capabilities: ['cameras:read', 'services:call'],
  setup(ctx) {
    ctx.log.info(names(ctx).join());
    return { services: { ...services(ctx) } };
  },
});

export const computedOnes = definePlugin({
  name: 'demo',
  capabilities: computed,
  setup: ({ cameras }) => ({ dispose: () => void cameras.get('gate')?.siteId }),
});
