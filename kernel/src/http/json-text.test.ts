/** Is exactly what JSON.parse accepts accepted, minus the four rules, and does a refusal say where? */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { HeldarError } from '../errors.ts';
import { findFaults } from './json-fault.ts';
import { maxJsonDepth, parseJsonText } from './json-text.ts';

function refusal(source: string | Uint8Array): HeldarError {
  try {
    parseJsonText(source);
  } catch (error) {
    if (error instanceof HeldarError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);

test('a valid text has the value JSON.parse gives it, from text and from bytes', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 8 }), fc.constantFrom('', ' ', '\n', '\t\r'), (json, blank) => {
      const text = blank + json + blank;
      expect(parseJsonText(text)).toEqual(JSON.parse(text));
      expect(parseJsonText(Buffer.from(text))).toEqual(JSON.parse(text));
    }),
  );
});

/** What the parser should make of a text, told by JSON.parse for the grammar and by the exact reader for the rest. */
function expected(text: string): unknown {
  const faults = findFaults(text, maxJsonDepth).map((fault) => fault.kind);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return {
      refused: 'malformed_json',
      grammar: faults.includes('syntax') ? 'agreed' : 'the exact reader took it',
    };
  }
  if (faults.includes('syntax')) return { value, grammar: 'the exact reader did not take it' };
  if (faults.length === 0) return { value };
  const onlyDuplicates = faults.every((kind) => kind === 'duplicate');
  return { refused: onlyDuplicates ? 'wrong_shape' : 'malformed_json', grammar: 'agreed' };
}

function actual(text: string): unknown {
  try {
    return { value: parseJsonText(text) };
  } catch (error) {
    return { refused: (error as HeldarError).code, grammar: 'agreed' };
  }
}

test('random text over JSON tokens is accepted exactly when JSON.parse takes it and the exact reader finds no fault', () => {
  const tokens = [
    '{',
    '}',
    '[',
    ']',
    ':',
    ',',
    '"a"',
    '"\\u0061"',
    '"b:{"',
    '"',
    '\\',
    '1',
    '-0.5e3',
    '1e999',
    '01',
    'true',
  ];
  const token = fc.oneof(
    fc.constantFrom(...tokens),
    fc.constantFrom(' ', '\n', '\u0001', 'é', '"\\x"', 'nul'),
  );
  const outcomes = new Set<string>();
  fc.assert(
    fc.property(fc.array(token, { maxLength: 14 }), (parts) => {
      const text = parts.join('');
      const outcome = actual(text);
      expect(outcome).toEqual(expected(text));
      outcomes.add(Object.keys(outcome as object).join());
    }),
    { numRuns: 5000 },
  );
  expect(outcomes.size).toBe(2);
});

test('a valid text with one character changed is judged alike by both readers', () => {
  const put = fc.constantFrom('', '"', '{', '}', ',', ':', '\\', '9', 'e', ' ');
  fc.assert(
    fc.property(fc.json({ maxDepth: 4 }), fc.nat(), put, (json, at, character) => {
      const position = at % (json.length + 1);
      const text = json.slice(0, position) + character + json.slice(position + 1);
      expect(actual(text)).toEqual(expected(text));
    }),
    { numRuns: 3000 },
  );
});

test('objects with a member twice are refused wherever the member stands, others never', () => {
  const name = fc.constantFrom('a', 'b', '__proto__', 'constructor', '0', 'ä');
  const value = fc.constantFrom('1', '"x:y"', '{"a":1}', '[{"a":1},{"a":2}]');
  fc.assert(
    fc.property(fc.array(fc.tuple(name, value), { maxLength: 5 }), (members) => {
      const text = `[0,{"in":{${members.map(([key, json]) => `${JSON.stringify(key)}:${json}`).join(',')}}}]`;
      const names = members.map(([key]) => key);
      const doubled = new Set(names).size < names.length;
      expect(actual(text)).toEqual(
        doubled ? { refused: 'wrong_shape', grammar: 'agreed' } : { value: JSON.parse(text) as unknown },
      );
    }),
  );
});

test.for([
  ['{"a":1,"a":1}', 'a: given twice, again at offset 7', 'a', 7],
  [
    '{"detections":[{},{"label":"x","l\\u0061bel":"y"}]}',
    'detections[1].label: given twice, again at offset 31',
    'detections[1].label',
    31,
  ],
  ['{"__proto__":1,"__proto__":2}', '__proto__: given twice, again at offset 15', '__proto__', 15],
  ['{"a b":1,"a b":2}', '["a b"]: given twice, again at offset 9', '["a b"]', 9],
] as const)('%s names the member given twice', ([text, message, path, offset]) => {
  expect(refusal(text)).toMatchObject({ code: 'wrong_shape', message, details: { path, offset } });
});

test.for([
  ['', 'the body is empty; JSON is expected'],
  [' \n', 'the body is empty; JSON is expected'],
  ['{"a": x}', 'a: not valid JSON at offset 6'],
  ['{"a":1}}', 'not valid JSON at offset 7'],
  ['{"a":[1,', 'a[1]: the JSON ends too early, at offset 8'],
  ['[1,]', '[1]: not valid JSON at offset 3'],
  ["{'a':1}", 'not valid JSON at offset 1'],
  ['NaN', 'not valid JSON at offset 0'],
  ['\ufeff{}', 'not valid JSON at offset 0'],
  ['"a\nb"', 'not valid JSON at offset 2'],
  ['{"a":[0,1e999]}', 'a[1]: the number at offset 8 is too large'],
  ['-1e400', 'the number at offset 0 is too large'],
  [`{"a":${nested(64)}}`, `a${'[0]'.repeat(63)}: nested deeper than 64 levels at offset 68`],
] as const)('%j is malformed, and the text says where', ([text, message]) => {
  expect(refusal(text)).toMatchObject({ code: 'malformed_json', message });
});

test('64 levels are accepted and 65 are not', () => {
  expect(parseJsonText(nested(64))).toEqual(JSON.parse(nested(64)));
  expect(refusal(nested(65))).toMatchObject({ code: 'malformed_json', details: { offset: 64 } });
});

test('bytes that are not UTF-8 are malformed, with their offset', () => {
  const bytes = Buffer.concat([Buffer.from('{"a":"é'), Buffer.from([0xff]), Buffer.from('"}')]);
  expect(refusal(bytes)).toMatchObject({
    code: 'malformed_json',
    message: 'the body is not UTF-8 at byte 8',
  });
  expect(refusal(Buffer.from([0x22, 0xe2, 0x82, 0x22])).code).toBe('malformed_json');
});

test('__proto__ is a member like any other and changes no prototype', () => {
  const value = parseJsonText(
    '{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}',
  ) as object;
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  expect(Object.keys(value)).toEqual(['__proto__', 'constructor']);
  expect('admin' in value).toBe(false);
  expect('admin' in {}).toBe(false);
});

test.for([
  ['brackets', (n: number) => '['.repeat(n)],
  ['a string of escapes that never ends', (n: number) => `"${'\\n'.repeat(n)}`],
  ['a plain string that never ends', (n: number) => `"${'x'.repeat(n)}`],
  ['colons', (n: number) => ':'.repeat(n)],
  ['many members, all the same', (n: number) => `{${'"a":1,'.repeat(n / 4)}"a":1}`],
] as const)('%s: what is refused takes no longer than its length', ([, make]) => {
  const [short, long] = [make(20_000), make(320_000)];
  const msOf = (text: string) => {
    const start = performance.now();
    expect(refusal(text)).toBeInstanceOf(HeldarError);
    return performance.now() - start;
  };
  // The best of some: what else the machine does counts in neither. Sixteen times the length, were it squared, takes 256 times as long.
  const best = (text: string) => Math.min(...Array.from({ length: 5 }, () => msOf(text)));
  expect(best(long)).toBeLessThan(128 * Math.max(best(short), 0.05));
});
