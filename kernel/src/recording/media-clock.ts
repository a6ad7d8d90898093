/** Do the stream's time stamps keep pace with real time? They jump when a camera sets its clock. */

export interface MediaClock {
  /** Tells that media time has reached `mediaSeconds` at `monotonicMs`; answers by how many ms it ran off since the last call. */
  observe(mediaSeconds: number, monotonicMs: number): number;
}

/** Anchored anew with each observation, so that slow drift never adds up. */
export function createMediaClock(): MediaClock {
  let last: { mediaSeconds: number; monotonicMs: number } | null = null;
  return {
    observe(mediaSeconds, monotonicMs) {
      const ranOff =
        last === null ? 0 : (mediaSeconds - last.mediaSeconds) * 1000 - (monotonicMs - last.monotonicMs);
      last = { mediaSeconds, monotonicMs };
      return ranOff;
    },
  };
}
