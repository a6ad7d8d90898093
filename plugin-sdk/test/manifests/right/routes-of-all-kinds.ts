/** Routes whose path, answer or body is out of the ordinary. */
import { conflict, definePlugin, reply, route, z } from '@heldar/plugin-sdk';

const cameraParams = z.object({ id: z.string(), lamp: z.string() });
const base: string = '/cameras/:id/:lamp';

export default definePlugin({
  name: 'demo',
  setup: (_ctx) => ({
    routes: [
      route.get('/cameras/:id/lamps/:lamp', {
        capability: 'view',
        scope: { camera: 'params.id' },
        params: cameraParams,
        output: z.object({ on: z.boolean() }),
        handle: async ({ params }) => ({ on: params.lamp !== '' }),
      }),
      route.put(base, {
        capability: 'operate_gate',
        scope: { camera: 'params.id' },
        params: cameraParams,
        body: z.object({ on: z.stringbool() }).optional(),
        handle({ body }) {
          if (body?.on === true) throw conflict('it is on');
        },
      }),
      route.get('/picture', {
        capability: 'view',
        scope: { none: 'a drawing' },
        headers: { 'if-none-match': 'The `etag` that is known.' },
        replies: {
          200: { description: 'The drawing.', contentType: 'image/png' },
          304: { description: 'The same.' },
        },
        handle: ({ headers }) =>
          headers['if-none-match'] === '"1"'
            ? reply({ status: 304 })
            : reply({ headers: { 'content-type': 'image/png' }, body: new Uint8Array() }),
      }),
      route.post('/search', {
        capability: 'view',
        scope: { camera: 'body.camera_id' },
        body: z.object({ camera_id: z.string(), limit: z.coerce.number().default(10) }),
        output: z.array(z.number()),
        status: 201,
        handle: ({ body }) => [body.limit],
      }),
    ],
  }),
});
