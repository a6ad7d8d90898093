/** Has everything come to rest that was started? */
import { HeldarError } from '../errors.ts';

/** Turns of the event loop in a row without anything going on. */
const calmTurns = 2;
/** Turns after which others get the processor between two looks. */
const eagerTurns = 50;

/**
 * Resolves once nothing goes on.
 * @throws HeldarError `unavailable`, with what `busy` says, after `limitMs` of real time.
 */
export async function settle(isSettled: () => boolean, limitMs: number, busy: () => string): Promise<void> {
  const deadline = performance.now() + limitMs;
  let calm = 0;
  for (let turn = 0; calm < calmTurns; turn += 1) {
    await (turn < eagerTurns ? nextTurn() : new Promise((resolve) => setTimeout(resolve, 1)));
    calm = isSettled() ? calm + 1 : 0;
    if (calm === 0 && performance.now() > deadline)
      throw new HeldarError(
        'unavailable',
        `the test host did not come to rest within ${limitMs} ms: ${busy()}`,
      );
  }
}

/** So many turns of the event loop: time for what is ending to end, without waiting for what hangs. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await nextTurn();
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
