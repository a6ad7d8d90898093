/** Which events does the plugin emit, and what do they say? */
import { z } from '@heldar/plugin-sdk';

export const messages = {
  left: z.object({ visit_id: z.string(), track_id: z.string(), label: z.string(), seconds: z.number() }),
};

export type Messages = { [Type in keyof typeof messages]: z.output<(typeof messages)[Type]> };
