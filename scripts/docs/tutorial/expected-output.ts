/** Is what was printed what the page says? Durations differ from run to run, and `…` stands for anything. */
import { isDeepStrictEqual } from 'node:util';
import type { Output } from './steps.ts';

/** null when it is; else what is wrong, with both texts. */
export function differenceOf(expected: Output, printed: string): string | null {
  const fits =
    expected.format === 'json'
      ? jsonFits(JSON.parse(expected.text), parse(printed))
      : patternOf(expected.text).test(printed.trim());
  return fits ? null : `the page says:\n${expected.text}\nprinted was:\n${printed}`;
}

/** How the printed text has to look, from its first line to its last. */
function patternOf(text: string): RegExp {
  const pieces = text.trim().split(/(…|\d+(?:\.\d+)?(?= ?m?s\b))/);
  const patterns = pieces.map((piece, at) => {
    if (at % 2 === 0) return piece.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
    return piece === '…' ? String.raw`[\s\S]*?` : String.raw`\d+(?:\.\d+)?`;
  });
  return new RegExp(`^${patterns.join('')}$`);
}

function parse(printed: string): unknown {
  try {
    return JSON.parse(printed);
  } catch {
    return `no JSON: ${printed}`;
  }
}

/** Members and their order in lists as on the page; '…' stands for any value. */
function jsonFits(expected: unknown, printed: unknown): boolean {
  if (expected === '…') return true;
  if (Array.isArray(expected) && Array.isArray(printed))
    return expected.length === printed.length && expected.every((one, at) => jsonFits(one, printed[at]));
  if (isObject(expected) && isObject(printed))
    return (
      isDeepStrictEqual(Object.keys(expected).sort(), Object.keys(printed).sort()) &&
      Object.entries(expected).every(([name, value]) => jsonFits(value, printed[name]))
    );
  return isDeepStrictEqual(expected, printed);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
