/** How much of a limited space is each camera's? */

export interface Claim {
  readonly cameraId: string;
  /** All of its footage, also what is held as evidence: that counts against its own share. */
  readonly sizeBytes: number;
  /** null or 0: none. */
  readonly quotaBytes: number | null;
}

/**
 * Divides `capacityBytes` between cameras, weighted by quota; a camera without one weighs as much as the mean of the others. What a
 * camera does not need goes to those that need more, so that shares never exceed needs, and a camera that grows takes nothing from one
 * that stays within its share. By camera id, whole bytes.
 */
export function fairShares(capacityBytes: number, claims: readonly Claim[]): Map<string, number> {
  const weightOf = weights(claims);
  const modestFirst = claims
    .map((claim) => ({ ...claim, weight: weightOf(claim) }))
    .sort((a, b) => a.sizeBytes / a.weight - b.sizeBytes / b.weight);
  let restBytes = Math.max(0, capacityBytes);
  let restWeight = modestFirst.reduce((sum, { weight }) => sum + weight, 0);
  const shares = new Map<string, number>();
  for (const { cameraId, sizeBytes, weight } of modestFirst) {
    const share = Math.min(sizeBytes, Math.floor((restBytes * weight) / restWeight));
    shares.set(cameraId, share);
    restBytes -= share;
    restWeight -= weight;
  }
  return shares;
}

function weights(claims: readonly Claim[]): (claim: Claim) => number {
  const quotas = claims.flatMap(({ quotaBytes }) => (quotaBytes ? [quotaBytes] : []));
  const mean = quotas.length === 0 ? 1 : quotas.reduce((sum, quota) => sum + quota, 0) / quotas.length;
  return ({ quotaBytes }) => quotaBytes || mean;
}
