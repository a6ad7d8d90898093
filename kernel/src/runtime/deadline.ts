/** How long may this take? */

/** Rejects with `message` when `work` is not done after `ms` of real time; the work itself goes on unheard. */
export function withDeadline<Value>(work: Promise<Value>, ms: number, message: string): Promise<Value> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(message)), ms);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
