/** Who answers for an error that nobody caught? Whoever claims it; an error that nobody claims ends the process, as without this. */

/** True: it is the claimant's, who has dealt with it. */
export type Claim = (error: unknown) => boolean;

const claims = new Set<Claim>();

/** Answers how to end it. The process listens while there is at least one claim. */
export function claimStrayErrors(claim: Claim): () => void {
  claims.add(claim);
  if (claims.size === 1) {
    process.on('unhandledRejection', onRejection);
    process.on('uncaughtException', onException);
  }
  return () => {
    if (!claims.delete(claim) || claims.size > 0) return;
    process.off('unhandledRejection', onRejection);
    process.off('uncaughtException', onException);
  };
}

function isClaimed(error: unknown): boolean {
  for (const claim of claims) if (claim(error)) return true;
  return false;
}

/** Becomes an uncaught exception, which is what Node makes of it when nobody listens. */
function onRejection(reason: unknown): void {
  if (isClaimed(reason) || process.listenerCount('unhandledRejection') > 1) return;
  throw reason;
}

function onException(error: unknown): void {
  if (isClaimed(error) || process.listenerCount('uncaughtException') > 1) return;
  process.off('uncaughtException', onException);
  setImmediate(() => {
    throw error;
  });
}
