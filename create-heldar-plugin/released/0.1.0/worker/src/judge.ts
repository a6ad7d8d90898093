/** Does one more picture change whether the camera is covered? */

/** What is remembered of a camera. */
export interface View {
  /** What is usual while it is not covered. */
  readonly usualBytes: number;
  readonly covered: boolean;
  /** Pictures in a row that contradict `covered`. */
  readonly contrary: number;
}

export interface Limits {
  /** 0..1 of what is usual. */
  readonly share: number;
  readonly frames: number;
}

/** The usual size follows slowly, so that night and day do not count as a cover. */
const follow = 0.05;

export function judge(
  before: View | undefined,
  bytes: number,
  { share, frames }: Limits,
): { view: View; change: 'covered' | 'uncovered' | null } {
  const view = before ?? { usualBytes: bytes, covered: false, contrary: 0 };
  const looksCovered = bytes < view.usualBytes * share;
  const usualBytes = looksCovered ? view.usualBytes : view.usualBytes + (bytes - view.usualBytes) * follow;
  if (looksCovered === view.covered) return { view: { ...view, usualBytes, contrary: 0 }, change: null };
  const contrary = view.contrary + 1;
  if (contrary < frames) return { view: { ...view, usualBytes, contrary }, change: null };
  return {
    view: { usualBytes, covered: looksCovered, contrary: 0 },
    change: looksCovered ? 'covered' : 'uncovered',
  };
}
