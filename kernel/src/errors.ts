/** Which errors exist, what each means on the wire, and what to do about it. */

interface ErrorKind {
  readonly status: number;
  readonly meaning: string;
  readonly next: string;
}

/** Every code of the kernel. `docs/errors.md` is generated from this table. */
export const errorKinds = {
  bad_request: {
    status: 400,
    meaning: 'A value is not acceptable.',
    next: 'Correct the field the text names.',
  },
  malformed_json: {
    status: 400,
    meaning: 'The body is not JSON the store can hold.',
    next: 'Send valid JSON.',
  },
  unauthenticated: { status: 401, meaning: 'No valid credential.', next: 'Sign in or send an API key.' },
  forbidden: { status: 403, meaning: 'The role lacks the capability.', next: 'Ask an administrator.' },
  not_found: { status: 404, meaning: 'No such thing, or not yours.', next: 'Check the id.' },
  method_not_allowed: { status: 405, meaning: 'The path exists, the method does not.', next: 'See `Allow`.' },
  conflict: { status: 409, meaning: 'Taken already, or changed meanwhile.', next: 'Read again, then retry.' },
  too_large: { status: 413, meaning: 'The body exceeds the limit.', next: 'Send less at once.' },
  unsupported_media_type: {
    status: 415,
    meaning: 'JSON is expected.',
    next: 'Set Content-Type: application/json.',
  },
  wrong_shape: {
    status: 422,
    meaning: 'Valid JSON of the wrong shape.',
    next: 'Correct the field the text names.',
  },
  too_many_attempts: {
    status: 429,
    meaning: 'Too many failed sign-ins.',
    next: 'Try again after the seconds in Retry-After.',
  },
  busy: { status: 503, meaning: 'The queue is full.', next: 'Retry after the seconds in Retry-After.' },
  unavailable: {
    status: 503,
    meaning: 'Not ready, or stopping.',
    next: 'Retry after the seconds in Retry-After.',
  },
  gateway: { status: 502, meaning: 'A device or gateway failed.', next: 'Check the device.' },
  gateway_timeout: { status: 504, meaning: 'A device did not answer in time.', next: 'Check the device.' },
  database: { status: 500, meaning: 'The store failed.', next: 'See the log; run `heldar doctor`.' },
  internal: { status: 500, meaning: 'An unexpected failure.', next: 'See the log.' },
  // Not of the wire: start-up, configuration, plugins, the command line.
  config_invalid: {
    status: 500,
    meaning: 'The configuration is not usable.',
    next: 'Correct the value named.',
  },
  data_locked: {
    status: 500,
    meaning: 'Another kernel uses this data folder.',
    next: 'Stop it, or use another HELDAR_DATA_DIR.',
  },
  store_unusable: {
    status: 500,
    meaning: 'The database cannot be opened or is newer than this kernel.',
    next: 'See the text.',
  },
  secret_unreadable: {
    status: 500,
    meaning: 'A secret cannot be opened with the key at hand.',
    next: 'Put the right key back; see docs/security.md.',
  },
  migration_failed: {
    status: 500,
    meaning: 'A migration did not apply; nothing of it was kept.',
    next: 'Correct the migration the text names.',
  },
  migration_changed: {
    status: 500,
    meaning: 'An applied migration was edited or is gone.',
    next: 'Restore the file; put changes into a new migration.',
  },
  tape_invalid: {
    status: 500,
    meaning: 'A tape is damaged, cut off, of another format, or cannot be written.',
    next: 'Export it again, or copy it again from where it is whole.',
  },
  plugin_invalid: {
    status: 500,
    meaning: 'A plugin cannot be loaded as it is.',
    next: 'Correct what the text names.',
  },
  plugin_failed: {
    status: 500,
    meaning: 'A plugin failed.',
    next: 'See the plugin, the place and the step in the text.',
  },
  change_refused: {
    status: 409,
    meaning: 'A plugin was not changed, started or stopped.',
    next: 'See the place and the step in the text; what served before serves on, where the text says so.',
  },
  effect_refused: {
    status: 500,
    meaning: 'An effect is not allowed.',
    next: 'Correct the statement the text names.',
  },
  media_failed: { status: 500, meaning: 'ffmpeg or ffprobe failed.', next: 'See the text.' },
  usage: { status: 500, meaning: 'A command was used wrongly.', next: 'See --help.' },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof errorKinds;

export interface ErrorOptions {
  cause?: unknown;
  /** Facts for the log and for `--json` output; never secrets. */
  details?: Record<string, unknown>;
}

/** The one error class: thrown where the fault is known, translated to HTTP in `http/errors.ts`. */
export class HeldarError extends Error {
  readonly code: ErrorCode;
  readonly details: Record<string, unknown>;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'HeldarError';
    this.code = code;
    this.details = options.details ?? {};
  }
}

/** The text of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
