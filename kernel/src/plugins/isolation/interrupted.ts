/** Was a call lost to the end of its isolate while others ran in it too, so that nobody can say whose fault it was? */
import { HeldarError } from '../../errors.ts';

export function interrupted(plugin: string, reason: string): HeldarError {
  return new HeldarError('unavailable', `${plugin}: ${reason} while it served this and other calls`, {
    details: { interrupted: true, retryAfterS: 1 },
  });
}

/** Such a call is run again without counting as a try of its own. */
export function isInterrupted(error: unknown): boolean {
  return error instanceof HeldarError && error.details['interrupted'] === true;
}
