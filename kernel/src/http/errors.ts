/** What does a caller get to see of anything thrown? The one map from errors to answers. */
import { isPluginError, type Logger, type PluginErrorCode } from '@heldar/plugin-sdk';
import { errorKinds, HeldarError, messageOf, type ErrorCode } from '../errors.ts';

export interface ErrorAnswer {
  readonly status: number;
  readonly body: { readonly error: string };
  readonly headers: Readonly<Record<string, string>>;
}

const codeOfPluginError: Readonly<Record<PluginErrorCode, ErrorCode>> = {
  not_found: 'not_found',
  invalid: 'bad_request',
  conflict: 'conflict',
  forbidden: 'forbidden',
  unavailable: 'unavailable',
};

/** Seconds after which a refused request may succeed. */
const retryAfter: Partial<Record<ErrorCode, number>> = { busy: 1, unavailable: 5 };

export function answerOf(error: unknown): ErrorAnswer {
  const code = codeOf(error);
  const { status } = errorKinds[code];
  const headers: Record<string, string> = {};
  if (status === 503 || status === 429)
    headers['retry-after'] = String(secondsOf(error) ?? retryAfter[code] ?? 5);
  const { allow } = detailsOf(error);
  if (code === 'method_not_allowed' && typeof allow === 'string') headers['allow'] = allow;
  return { status, body: { error: textOf(error, code, status) }, headers };
}

/** The kernel's own codes, plugins' codes, the driver's; whatever else is thrown is an unexpected failure. */
export function codeOf(error: unknown): ErrorCode {
  if (error instanceof HeldarError) return error.code;
  if (isPluginError(error))
    return Object.hasOwn(codeOfPluginError, error.code) ? codeOfPluginError[error.code] : 'internal';
  return isSqliteError(error) ? 'database' : 'internal';
}

/** A 500 tells nothing; every other status says what to correct. */
function textOf(error: unknown, code: ErrorCode, status: number): string {
  if (status !== 500) return messageOf(error);
  return code === 'database' ? 'database error' : 'internal error';
}

function isSqliteError(error: unknown): boolean {
  return error instanceof Error && error.name === 'SqliteError';
}

function detailsOf(error: unknown): Record<string, unknown> {
  return error instanceof HeldarError ? error.details : {};
}

function secondsOf(error: unknown): number | null {
  const seconds = detailsOf(error)['retryAfterS'];
  return typeof seconds === 'number' ? Math.max(1, Math.ceil(seconds)) : null;
}

export interface FailedRequest {
  readonly requestId: string;
  readonly method: string;
  /** Without the query: it may hold a credential. */
  readonly path: string;
}

/** Failures of ours at `error`, refusals at `debug`. Never a body, a query or a header. */
export function logFailure(log: Logger, error: unknown, request: FailedRequest): void {
  const code = codeOf(error);
  const { status } = errorKinds[code];
  const facts = { ...request, status, code };
  if (status === 500) log.error({ ...facts, err: describe(error) }, 'a request failed');
  else log.debug({ ...facts, reason: messageOf(error) }, 'a request was refused');
}

interface ErrorDescription {
  readonly type: string;
  readonly message: string;
  readonly stack?: string;
  readonly details?: Record<string, unknown>;
  readonly cause?: ErrorDescription;
}

const causesShown = 3;

function describe(error: unknown, depth = 0): ErrorDescription {
  if (!(error instanceof Error)) return { type: typeof error, message: messageOf(error) };
  const details = detailsOf(error);
  return {
    type: error.name,
    message: error.message,
    ...(error.stack === undefined ? {} : { stack: error.stack }),
    ...(Object.keys(details).length === 0 ? {} : { details }),
    ...(error.cause === undefined || depth >= causesShown ? {} : { cause: describe(error.cause, depth + 1) }),
  };
}
