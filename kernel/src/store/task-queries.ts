/** How AI tasks are read. */
import { and, asc, eq } from 'drizzle-orm';
import type { TaskRow } from './ai-tasks.ts';
import { aiTasks, cameras } from './schema.ts';
import type { ReadDb } from './store.ts';

/** Tasks of a camera, enabled or not, oldest first. */
export function listTasks(db: ReadDb, cameraId: string): TaskRow[] {
  return db
    .select()
    .from(aiTasks)
    .where(eq(aiTasks.cameraId, cameraId))
    .orderBy(asc(aiTasks.createdAt), asc(aiTasks.id))
    .all();
}

export function readTask(db: ReadDb, id: string): TaskRow | undefined {
  return db.select().from(aiTasks).where(eq(aiTasks.id, id)).get();
}

/** Enabled tasks of enabled cameras, by camera id, then age. */
export function listRunnableTasks(db: ReadDb): TaskRow[] {
  return db
    .select({ task: aiTasks })
    .from(aiTasks)
    .innerJoin(cameras, eq(cameras.id, aiTasks.cameraId))
    .where(and(eq(aiTasks.enabled, true), eq(cameras.enabled, true)))
    .orderBy(asc(aiTasks.cameraId), asc(aiTasks.createdAt), asc(aiTasks.id))
    .all()
    .map(({ task }) => task);
}
