/** How does an error cross from one side to the other with its code, its stack and what it is about? */
import { isPluginError, PluginError, type PluginErrorCode } from '@heldar/plugin-sdk';
import { errorKinds, HeldarError, messageOf, type ErrorCode } from '../../errors.ts';

export interface WireError {
  readonly kind: 'kernel' | 'plugin' | 'other';
  readonly name: string;
  readonly message: string;
  readonly stack: string | null;
  readonly code: string | null;
  readonly field: string | null;
  /** JSON text. */
  readonly details: string | null;
}

export function packError(error: unknown): WireError {
  const base = {
    name: error instanceof Error ? error.name : 'Error',
    message: messageOf(error),
    stack: error instanceof Error ? (error.stack ?? null) : null,
    field: null,
    details: null,
  };
  if (error instanceof HeldarError)
    return { ...base, kind: 'kernel', code: error.code, details: JSON.stringify(error.details) };
  if (isPluginError(error)) return { ...base, kind: 'plugin', code: error.code, field: error.field };
  const code = (error as { code?: unknown } | null)?.code;
  return { ...base, kind: 'other', code: typeof code === 'string' ? code : null };
}

/** The stack is that of the other side: it names the plugin's own lines. */
export function unpackError(packed: WireError): Error {
  const error = rebuild(packed);
  if (packed.stack !== null) error.stack = packed.stack;
  return error;
}

function rebuild({ kind, name, message, code, field, details }: WireError): Error {
  if (kind === 'kernel' && code !== null && Object.hasOwn(errorKinds, code))
    return new HeldarError(code as ErrorCode, message, {
      details: details === null ? {} : (JSON.parse(details) as Record<string, unknown>),
    });
  if (kind === 'plugin' && code !== null)
    return new PluginError(code as PluginErrorCode, message, field === null ? {} : { field });
  return Object.assign(new Error(message), { name }, code === null ? {} : { code });
}
