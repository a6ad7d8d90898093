/** What do the worker and the plugin tell each other about a picture? */
import { z } from '@heldar/plugin-sdk';

export const taskType = 'picture';

/** `bytes`: of the JPEG. A picture without detail compresses to few. */
export const pictureAttributes = z.object({ bytes: z.number().int().min(0) });
