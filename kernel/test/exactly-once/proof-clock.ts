/** What time is it in the proof? Its kernels' wall clock runs faster than the world's; see `fixture/fast-clock.ts`. */

export interface ProofClock {
  /** Wall clock of the proof, ms since the epoch. */
  now(): number;
  /** PROOF_CLOCK for a process whose clock is wrong by `offsetMs`. */
  variable(offsetMs: number): string;
}

export function startProofClock(speed: number): ProofClock {
  const anchor = Date.now();
  return {
    now: () => Math.floor(anchor + (Date.now() - anchor) * speed),
    variable: (offsetMs) => `${anchor}:${speed}:${offsetMs}`,
  };
}
