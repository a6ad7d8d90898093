/** How does a log stay free of the API key, whatever text reaches it? */
import type { Logger } from '../plugin-context.ts';

/** A flat record: what the worker says about itself never nests. */
export type Fields = Readonly<Record<string, string | number>>;

export interface WorkerLog {
  debug(fields: Fields, message: string): void;
  info(fields: Fields, message: string): void;
  warn(fields: Fields, message: string): void;
  error(fields: Fields, message: string): void;
}

/** Errors of analysers and texts of the server are logged too, and either could quote the key. */
export function withoutSecret(log: Logger, secret: string | undefined): WorkerLog {
  const clean = (fields: Fields): Fields => {
    if (secret === undefined || secret === '') return fields;
    const hide = (value: string | number) =>
      typeof value === 'string' ? value.replaceAll(secret, '***') : value;
    return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, hide(value)]));
  };
  return {
    debug: (fields, message) => log.debug(clean(fields), message),
    info: (fields, message) => log.info(clean(fields), message),
    warn: (fields, message) => log.warn(clean(fields), message),
    error: (fields, message) => log.error(clean(fields), message),
  };
}

/** Warns when a problem appears or changes and tells when it is over, so that a lasting one does not flood the log. */
export function problemReporter(log: WorkerLog, fields: Fields, subject: string): (problem: string) => void {
  let last = '';
  return (problem) => {
    if (problem === last) return;
    last = problem;
    if (problem === '') log.info(fields, `${subject}: recovered`);
    else log.warn({ ...fields, problem }, `${subject}: failing`);
  };
}
