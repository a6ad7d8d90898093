/** Which file called a function? */

/** The file of the innermost code outside of `called`, as the engine names it: a path or a URL. null where it does not tell. */
export function callerOf(called: (...args: never[]) => unknown): string | null {
  const { prepareStackTrace } = Error;
  try {
    Error.prepareStackTrace = (_, sites) => sites;
    const holder: { stack?: readonly NodeJS.CallSite[] } = {};
    Error.captureStackTrace(holder, called);
    const site = holder.stack?.[0];
    return site?.getFileName() ?? site?.getScriptNameOrSourceURL() ?? null;
  } finally {
    Error.prepareStackTrace = prepareStackTrace;
  }
}
