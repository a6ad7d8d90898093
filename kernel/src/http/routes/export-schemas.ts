/** What answers about exported footage have in common. */
import { z } from '@heldar/plugin-sdk';

const range = z.object({ start: z.string(), end: z.string(), seconds: z.number() });

/** What of the window could be had. */
export const footageReport = {
  coverage: z.object({ recorded_seconds: z.number(), ranges: z.array(range) }),
  holes: z.array(range),
  skipped: z.array(range.extend({ segment_id: z.string(), reason: z.string() })),
  starts_early_s: z.number(),
};

export const reportSchema = z.object(footageReport);

/** As it stands in a row. */
export function storedReport(report: unknown): z.output<typeof reportSchema> {
  return reportSchema.parse(report);
}
