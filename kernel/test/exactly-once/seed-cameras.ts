/** How does a data folder come to have cameras before the first start? */
import { join } from 'node:path';
import { systemClock } from '../../src/clock.ts';
import { openWriter } from '../../src/store/database.ts';
import { kernelMigrations } from '../../src/store/kernel-migrations.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';

/** Makes the database with the kernel's tables and these cameras, none of which has a stream. */
export function seedCameras(folder: string, cameras: readonly string[]): void {
  const db = openWriter(join(folder, 'heldar.db'));
  try {
    migrate(db, kernelMigrations(), { clock: systemClock, allowDrafts: false });
    for (const [index, id] of cameras.entries()) {
      db.prepare('INSERT INTO camera_incarnations VALUES (?, ?, 0, NULL)').run(index + 1, id);
      db.prepare(
        `INSERT INTO cameras (id, incarnation, name, vendor, rtsp_port, record_stream, capabilities, record_enabled, segment_seconds,
           retention_hours, record_audio, record_mode, pre_roll_seconds, post_roll_seconds, mirror_enabled, anr_enabled, enabled, created_at, updated_at)
         VALUES (?, ?, ?, 'generic', 554, 'main', '{}', 0, 60, 24, 0, 'continuous', 0, 0, 0, 0, 0, 0, 0)`,
      ).run(id, index + 1, id);
    }
  } finally {
    db.close();
  }
}
