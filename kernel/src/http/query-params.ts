/** Parameters of a query that many routes share: limits, times, positions. */
import { parseRfc3339, z, type Instant } from '@heldar/plugin-sdk';

const wholeNumber = /^-?\d+$/;
/** A `+` that was not written %2B arrives as a blank. */
const lostPlus = /\d \d{2}:\d{2}\s*$/;

/** A page size: forced into the range, 400 only when it is not a whole number. */
export function limitParam(fallback: number, min: number, max: number) {
  return z
    .string()
    .meta({ type: 'integer', default: fallback, 'x-clamp': [min, max] })
    .optional()
    .transform((text, context) => {
      if (text === undefined) return fallback;
      if (wholeNumber.test(text)) return Math.min(max, Math.max(min, Number(text)));
      context.issues.push(notWhole(text));
      return z.NEVER;
    });
}

/** A position in the journal or the log: a whole number from 0. */
export function positionParam() {
  return z
    .string()
    .meta({ type: 'integer', minimum: 0 })
    .optional()
    .transform((text, context) => {
      if (text === undefined) return undefined;
      const position = wholeNumber.test(text) ? Number(text) : -1;
      if (Number.isSafeInteger(position) && position >= 0) return position;
      context.issues.push(notWhole(text));
      return z.NEVER;
    });
}

/** A bound in time, RFC 3339. Judged after the camera was found to exist. `blank: 'none'`: one that is blank counts as left out. */
export function timeParam({ blank }: { blank?: 'none' } = {}) {
  return z
    .string()
    .meta({ format: 'date-time' })
    .optional()
    .transform((text, context): Instant | undefined => {
      if (text === undefined || (blank === 'none' && text.trim() === '')) return undefined;
      const instant = parseRfc3339(text);
      if (instant !== undefined) return instant;
      const hint = lostPlus.test(text) ? '; a + must be written %2B in a query' : '';
      context.issues.push({
        code: 'custom',
        input: text,
        message: `expected a time such as 2026-01-31T12:00:00Z${hint}`,
      });
      return z.NEVER;
    });
}

/** Of shape, so that it is judged with the decoding of the request. */
function notWhole(input: string) {
  return {
    code: 'invalid_type' as const,
    expected: 'int' as const,
    input,
    message: 'expected a whole number',
  };
}
