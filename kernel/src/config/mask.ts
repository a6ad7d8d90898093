/** How a value may be shown: without passwords, whatever it is. */
import { isPlainObject } from './plain-object.ts';

const secretName = /pass(?:word|phrase)?|secret|token|api[-_]?key|credential|private[-_]?key/i;
const mask = '***';

/** Hides user info and secret query parameters of every URL in a text. */
export function maskUrls(text: string): string {
  return text
    .replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s"'<>]*@/gi, `$1${mask}@`)
    .replace(/([?&][^\s=&#"']*=)([^\s&#"']+)/g, (whole, name: string) =>
      secretName.test(name) ? `${name}${mask}` : whole,
    );
}

/** Does a name say that its value is secret? */
export function isSecretName(name: string): boolean {
  return secretName.test(name);
}

/** One line for a value; `name` is what it is called, so that passwords are hidden by their name. */
export function showValue(name: string, value: unknown, secret = false): string {
  if (value === null || value === undefined) return '(none)';
  if (secret || secretName.test(name)) return mask;
  const text = JSON.stringify(value, (key, inner: unknown) => {
    if (key !== '' && secretName.test(key)) return mask;
    return showable(inner);
  });
  return maskUrls(text);
}

/** JSON has no place for these. */
function showable(value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function' || typeof value === 'symbol') return `(${typeof value})`;
  const isOther =
    typeof value === 'object' && value !== null && !Array.isArray(value) && !isPlainObject(value);
  return isOther ? `(${value.constructor.name})` : value;
}
