/** How a command asks the kernel that runs: over HTTP, at the address of the composition. */
import type { Command } from 'commander';
import type { Settings } from '../config/settings.ts';
import { HeldarError, messageOf } from '../errors.ts';

export interface AddressFlags {
  readonly url?: string;
}

export function withAddress(command: Command): Command {
  return command.option('--url <address>', 'where the kernel listens (default: as the composition says)');
}

/** `http://127.0.0.1:8000`. @throws HeldarError `usage` when the composition leaves the port to chance. */
export function originOf({ api }: Pick<Settings, 'api'>, { url }: AddressFlags): string {
  if (url !== undefined) return url.replace(/\/+$/, '');
  if (api.port === 0)
    throw new HeldarError(
      'usage',
      'api.port is 0: the kernel takes any free port, and which one is not known here\n  next: add --url http://127.0.0.1:<port>, as its log says',
    );
  const host = api.host === '0.0.0.0' || api.host === '::' ? '127.0.0.1' : api.host;
  return `http://${host.includes(':') ? `[${host}]` : host}:${api.port}`;
}

const timeoutMs = 10_000;

/**
 * The parsed answer; undefined when it is empty.
 * @throws HeldarError `unavailable` when no kernel answers there, or as the kernel says.
 */
export async function askKernel(
  origin: string,
  path: string,
  method = 'GET',
  withinMs = timeoutMs,
): Promise<unknown> {
  const response = await send(origin, path, method, withinMs);
  const text = await response.text();
  const body = parse(text);
  if (response.ok && body !== notJson) return body;
  const said = (body as { error?: unknown } | undefined)?.error;
  if (response.status === 401)
    throw new HeldarError(
      'unauthenticated',
      `the kernel at ${origin} wants to know who asks\n  next: set ${keyVariable} to an API key of the role admin`,
    );
  if (typeof said === 'string') throw new HeldarError(codeOf(response.status), said);
  throw new HeldarError(
    'unavailable',
    `what answers at ${origin} is not heldar (${method} ${path}: ${response.status})\n  next: stop it, or name the right address with --url`,
  );
}

/** Holds a key for a kernel that demands sign-in; in the environment, where other users of the machine do not see it. */
export const keyVariable = 'HELDAR_API_KEY';

async function send(origin: string, path: string, method: string, withinMs: number): Promise<Response> {
  const key = process.env[keyVariable]?.trim() ?? '';
  try {
    return await fetch(`${origin}${path}`, {
      method,
      headers: { connection: 'close', ...(key === '' ? {} : { 'x-api-key': key }) },
      signal: AbortSignal.timeout(withinMs),
    });
  } catch (error) {
    const cause = (error as { cause?: { code?: unknown } }).cause?.code;
    const why = cause === 'ECONNREFUSED' ? '' : ` (${messageOf((error as Error).cause ?? error)})`;
    throw new HeldarError(
      'unavailable',
      `heldar is not running at ${origin}${why}\n  next: heldar start, or name another address with --url`,
      { cause: error },
    );
  }
}

const notJson = Symbol('not JSON');

function parse(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return notJson;
  }
}

function codeOf(status: number): 'forbidden' | 'not_found' | 'conflict' | 'unavailable' | 'internal' {
  if (status === 403) return 'forbidden';
  if (status === 404) return 'not_found';
  if (status === 409) return 'conflict';
  return status === 503 ? 'unavailable' : 'internal';
}
