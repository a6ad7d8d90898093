/** What has come into view? Each object that is followed is reported once, when enough frames have shown it. */
import { consumer, definePlugin, z } from '@heldar/plugin-sdk';

/** An object that is followed: in the state of its camera, under its track id. */
interface Seen {
  readonly frames: number;
  /** Log time, ms since the epoch. */
  readonly lastAt: number;
}

export default definePlugin({
  name: 'my-plugin',
  config: z.object({
    labels: z.array(z.string()).default(['person']),
    /** How many frames have to show an object. */
    frames: z.number().int().min(1).default(3),
    /** How long an object may be out of sight before it counts as a new one. */
    forgetAfterSeconds: z.number().min(1).default(60),
  }),
  consumes: ['detection', 'people'],
  emits: { arrived: z.object({ track_id: z.string(), label: z.string() }) },
  capabilities: ['events:emit'],

  setup: ({ config }) => ({
    consumers: [
      consumer({
        name: 'arrivals',
        // One lane a camera: batches come in order, and what `fx` records is committed together, or not at all.
        consume(batch, fx) {
          for (const { label, track_id: track } of batch.detections) {
            if (label === null || track === null || !config.labels.includes(label)) continue;
            const frames = (fx.state.get<Seen>(track)?.frames ?? 0) + 1;
            fx.state.set(track, { frames, lastAt: fx.now });
            if (frames === config.frames) fx.emit('arrived', { track_id: track, label });
          }
        },
        tick: {
          every: '1s',
          idle: 'skip',
          run(fx) {
            const oldest = fx.now - config.forgetAfterSeconds * 1000;
            for (const [track, { lastAt }] of fx.state.entries<Seen>())
              if (lastAt < oldest) fx.state.delete(track);
          },
        },
      }),
    ],
  }),
});
