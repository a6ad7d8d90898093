/** How triggers of recording are written. */
import type { WriteContext } from './write-context.ts';

/** Keeps a camera's trigger window, so that a restart does not cut it short. False when that life of the camera is over. */
export function setTrigger(
  ctx: WriteContext,
  args: { incarnation: number; firedAt: number; until: number },
): boolean {
  const { changes } = ctx
    .sql(
      `INSERT INTO record_triggers (camera_id, fired_at, until)
       SELECT id, @firedAt, @until FROM cameras WHERE incarnation = @incarnation
       ON CONFLICT (camera_id) DO UPDATE SET fired_at = excluded.fired_at, until = excluded.until`,
    )
    .run(args);
  return changes > 0;
}
