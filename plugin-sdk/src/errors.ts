/** How plugin code refuses a request: an error with a code that the host turns into an answer. */

const errorMark = Symbol.for('heldar.error');

/** What went wrong, in the caller's terms. The host maps each code to one HTTP status. */
export type PluginErrorCode = 'not_found' | 'invalid' | 'conflict' | 'forbidden' | 'unavailable';

/** Thrown by routes, jobs, handlers and services; the message is shown to the caller, so it holds no secrets. */
export class PluginError extends Error {
  readonly [errorMark] = true as const;
  readonly code: PluginErrorCode;
  /** The member or parameter that is wrong, for `invalid`. */
  readonly field: string | null;

  constructor(code: PluginErrorCode, message: string, options: { field?: string; cause?: unknown } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : {});
    this.name = 'PluginError';
    this.code = code;
    this.field = options.field ?? null;
  }
}

/** True for any `PluginError`, whichever copy of this package made it. */
export function isPluginError(value: unknown): value is PluginError {
  return typeof value === 'object' && value !== null && (value as Partial<PluginError>)[errorMark] === true;
}

/** The addressed thing does not exist, or is not the caller's: `throw notFound('zone')`. */
export function notFound(what: string): PluginError {
  return new PluginError('not_found', `${what} not found`);
}

/** A well-formed value that is not allowed: `throw invalid('polygon', 'needs at least 3 points')`. */
export function invalid(field: string, message: string): PluginError {
  return new PluginError('invalid', `${field}: ${message}`, { field });
}

/** The request contradicts what is stored now. */
export function conflict(message: string): PluginError {
  return new PluginError('conflict', message);
}

/** The caller may not do this, whatever role the route asks for. */
export function forbidden(message: string): PluginError {
  return new PluginError('forbidden', message);
}

/** Something this depends on does not answer; trying again later may succeed. */
export function unavailable(message: string, cause?: unknown): PluginError {
  return new PluginError('unavailable', message, cause === undefined ? {} : { cause });
}
