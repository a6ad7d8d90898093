/** Can the plugin's tables be taken back and made again? */
import { resolve, join } from 'node:path';
import { systemClock } from '../../../clock.ts';
import { openWriter, type SqliteDatabase } from '../../../store/database.ts';
import { readSchema } from '../../../store/inspection.ts';
import { migrateDown } from '../../../store/migrations/down.ts';
import { migrate } from '../../../store/migrations/migrate.ts';
import type { MigrationOwner } from '../../../store/migrations/owner.ts';
import { readMigrations } from '../../../store/migrations/read.ts';
import { tablePrefixOf } from '../../../store/table-prefix.ts';
import { folderOf, nonconforming, play, type Subject } from '../subject.ts';
import type { ConformanceCase } from '../tier.ts';

export function migrations(subject: Subject): ConformanceCase {
  return {
    name: 'takes back its migrations and applies them again, with rows in its tables',
    tier: 'gold',
    async run() {
      const owner = ownerOf(subject);
      if (owner === null) return;
      await using host = await subject.open();
      await play(host, subject.batches);
      await host.stop();
      const db = openWriter(join(host.folder, 'heldar.db'));
      try {
        checkWayBack(subject, db, owner);
      } finally {
        db.close();
      }
      await host.start();
    },
  };
}

/** null: it has none. */
function ownerOf(subject: Subject): MigrationOwner | null {
  const folder = folderOf(subject);
  const { migrations: own } = subject.definition;
  if (folder === null || own === undefined) return null;
  const { name } = subject;
  return { name, prefix: tablePrefixOf(name), folder: resolve(folder, own), release: [] };
}

function checkWayBack(subject: Subject, db: SqliteDatabase, owner: MigrationOwner): void {
  const made = readSchema(db, owner.prefix);
  const files = owner.folder === null ? [] : readMigrations(owner.folder);
  const oneWay = files.find(({ downSql }) => downSql === null);
  if (oneWay !== undefined)
    throw nonconforming(subject, `${oneWay.file} has no way back; write ${oneWay.name}.down.sql beside it`);
  for (const _ of files) migrateDown(db, owner);
  const left = readSchema(db, owner.prefix);
  if (left.length > 0) throw nonconforming(subject, `taken back, its migrations leave: ${left.join('; ')}`);
  migrate(db, owner, { clock: systemClock, allowDrafts: true });
  const again = readSchema(db, owner.prefix);
  if (again.join('\n') !== made.join('\n'))
    throw nonconforming(
      subject,
      `applied again, its migrations make other tables:\n${again.join('\n')}\ninstead of\n${made.join('\n')}`,
    );
}
