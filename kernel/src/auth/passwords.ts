/** How passwords are kept and compared: argon2id, one at a time, so that a flood of sign-ins leaves the other threads to the disk. */
import { hash, verify } from '@node-rs/argon2';
import { HeldarError } from '../errors.ts';
import { noPassword } from '../store/users.ts';

export interface Passwords {
  /** A PHC string. @throws HeldarError `busy` when too many wait. */
  hash(password: string): Promise<string>;
  /** `stored` null: there is no such account, or it has no password; takes as long, and is false. @throws HeldarError `busy` when too many wait. */
  matches(stored: string | null, password: string): Promise<boolean>;
}

/** OWASP's second choice for argon2id: 19 MiB, 2 passes, 1 lane. Hashes that are there bring their own. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1, outputLen: 32 };
/** A verification takes some 20 ms of one core: what waits behind that many would time out. */
const mostWaiting = 64;
export const shortestPasswordBytes = 8;
/** Longer ones cost time to hash and protect no better. */
const longestPasswordBytes = 1024;

/** Why it can't be a password; null: it can. */
export function passwordProblem(password: string): string | null {
  const bytes = Buffer.byteLength(password, 'utf8');
  if (bytes < shortestPasswordBytes) return `a password has at least ${shortestPasswordBytes} bytes`;
  return bytes > longestPasswordBytes ? `a password has at most ${longestPasswordBytes} bytes` : null;
}

export function createPasswords(): Passwords {
  let waiting = 0;
  let last: Promise<unknown> = Promise.resolve();
  /** Of no account; made when first needed. */
  let dummy: Promise<string> | null = null;
  const inTurn = <Result>(run: () => Promise<Result>): Promise<Result> => {
    if (waiting >= mostWaiting)
      return Promise.reject(new HeldarError('busy', 'too many sign-ins at once; try again in a moment'));
    waiting += 1;
    const mine = last.then(run).finally(() => (waiting -= 1));
    last = mine.catch(() => undefined);
    return mine;
  };
  return {
    hash: (password) => inTurn(() => hash(password, cost)),
    matches: (stored, password) =>
      inTurn(async () => {
        // Who signs in elsewhere has none here.
        const own = stored === noPassword ? null : stored;
        const isGuess = await verify(own ?? (await (dummy ??= hash('of no account', cost))), password);
        return own !== null && isGuess;
      }),
  };
}
