/** A time in a body, RFC 3339: of the wrong type it is a misfit of shape, as text that is no time one of value. */
import { parseRfc3339, z, type Instant } from '@heldar/plugin-sdk';

export function timeField() {
  return z
    .string()
    .meta({ format: 'date-time' })
    .transform((text, context): Instant => {
      const instant = parseRfc3339(text);
      if (instant !== undefined) return instant;
      context.issues.push({
        code: 'custom',
        input: text,
        message: 'expected a time such as 2026-01-31T12:00:00Z',
      });
      return z.NEVER;
    });
}
