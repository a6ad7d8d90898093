/** Every way to name a plugin, with options that its schema turns into others. */
import { defineConfig, definePlugin, use, z } from '@heldar/plugin-sdk';

const mail = definePlugin({
  name: 'mail',
  config: z.object({
    server: z.string(),
    port: z.coerce.number().default(25),
    tags: z
      .string()
      .transform((text) => text.split(','))
      .optional(),
  }),
  setup: ({ config }) => ({ dispose: () => void [config.port.toFixed(), config.tags?.length] }),
});
const plain = definePlugin({ name: 'plain', setup: () => ({}) });

export default defineConfig({
  extends: ['./base.ts', '@acme/heldar-base'],
  siteId: 'shop',
  plugins: [
    '@acme/heldar-ppe',
    './mail.ts',
    mail({ server: 'localhost', tags: 'a,b' }),
    plain,
    plain(),
    use(async () => ({ default: mail }), { server: 'localhost', port: '2525' }, { required: true }),
    use(async () => ({ default: plain })),
    use(async () => ({ default: plain }), undefined, { required: true }),
  ],
  disable: ['zones'],
  production: { api: { corsOrigins: [] }, plugins: { mail: { port: 26 }, plain: false } },
});
