/** Which options has the plugin? */
import { z } from '@heldar/plugin-sdk';

export const options = z.object({
  /** How long an object has to be out of sight for its visit to be over. */
  goneAfterSeconds: z.number().min(1).default(30),
  /** How long visits that are over are kept. */
  keepHours: z.number().min(1).default(720),
});

export type Options = z.output<typeof options>;
