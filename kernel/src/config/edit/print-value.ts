/** How is a value written in a composition? */

/** On one line, as JSON5 would have it: `{ graceMinutes: 10, smtp: { host: 'mail' } }`. `value` is what JSON can hold. */
export function printValue(value: unknown, quote: "'" | '"'): string {
  if (typeof value === 'string') return printText(value, quote);
  if (Array.isArray(value)) return `[${value.map((item) => printValue(item, quote)).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const members = Object.entries(value).map(
    ([key, inner]) => `${printKey(key, quote)}: ${printValue(inner, quote)}`,
  );
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
}

export function printText(text: string, quote: "'" | '"'): string {
  const json = JSON.stringify(text).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
  if (quote === '"') return json;
  return `'${json.slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}

function printKey(key: string, quote: "'" | '"'): string {
  // In an object literal `__proto__: …` sets the prototype, quoted or not.
  if (key === '__proto__') return `[${printText(key, quote)}]`;
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : printText(key, quote);
}
