/** How does code that reads the machine's clock show itself? It gets to see another day. */

const shiftMs = 37 * 86_400_000 + 4_321_987;

/** While it runs, `Date.now()` and `new Date()` are 37 days ahead. */
export async function withOtherDate<Result>(run: () => Promise<Result>): Promise<Result> {
  const RealDate = globalThis.Date;
  const now = () => RealDate.now() + shiftMs;
  const OtherDate: DateConstructor = new Proxy(RealDate, {
    construct: (target, args: unknown[], newTarget) =>
      Reflect.construct(
        target,
        args.length === 0 ? [now()] : args,
        newTarget === OtherDate ? target : newTarget,
      ) as object,
    get: (target, member, receiver) =>
      member === 'now' ? now : (Reflect.get(target, member, receiver) as unknown),
  });
  globalThis.Date = OtherDate;
  try {
    return await run();
  } finally {
    globalThis.Date = RealDate;
  }
}
