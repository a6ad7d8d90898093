/** Does that life of a camera go on? */
import type { WriteContext } from './write-context.ts';

/** False also when it never was. */
export function isAlive(ctx: WriteContext, incarnation: number): boolean {
  return (
    ctx
      .sql('SELECT 1 FROM camera_incarnations WHERE incarnation = ? AND deleted_at IS NULL')
      .get(incarnation) !== undefined
  );
}
