/** Which options does a command line give a plugin? */
import { isPlainObject } from '../../config/plain-object.ts';
import { HeldarError } from '../../errors.ts';
import type { AddFlags } from './add.ts';

export interface GivenOptions {
  /** The composition; undefined: the nearest one. */
  readonly file: string | undefined;
  /** undefined: no options are given. */
  readonly options: Readonly<Record<string, unknown>> | undefined;
}

/**
 * `graceMinutes=10` and `smtp.host=mail`: a value is JSON when it reads as such, else a text. They are laid over `--json`.
 * @throws HeldarError `usage` naming what cannot be read.
 */
export function readGivenOptions({ config = [], json }: Pick<AddFlags, 'config' | 'json'>): GivenOptions {
  const pairs = config.filter((item) => item.includes('='));
  const [file, second] = config.filter((item) => !item.includes('='));
  if (second !== undefined)
    throw new HeldarError('usage', `--config: '${second}' is no option; write it as name=value`);
  const options = json === undefined ? undefined : parseObject(json);
  if (pairs.length === 0) return { file, options };
  const laid = options ?? {};
  for (const pair of pairs) setOption(laid, pair);
  return { file, options: laid };
}

function parseObject(json: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw new HeldarError('usage', `--json: ${(error as Error).message}`, { cause: error });
  }
  if (isPlainObject(value)) return value;
  throw new HeldarError('usage', `--json: expected an object of options such as '{"graceMinutes":10}'`);
}

function setOption(options: Record<string, unknown>, pair: string): void {
  const at = pair.indexOf('=');
  const path = pair.slice(0, at).split('.');
  const last = path.pop() ?? '';
  if (last === '' || path.includes(''))
    throw new HeldarError('usage', `--config: '${pair}' names no option; write it as name=value`);
  let holder = options;
  for (const key of path) {
    const inner = Object.hasOwn(holder, key) ? holder[key] : undefined;
    const next = isPlainObject(inner) ? inner : {};
    define(holder, key, next);
    holder = next;
  }
  define(holder, last, readValue(pair.slice(at + 1)));
}

/** Also a member called `__proto__` is a member. */
function define(holder: object, key: string, value: unknown): void {
  Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
}

function readValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
