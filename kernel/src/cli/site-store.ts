/** The database of a composition, for commands of the operator at the machine: what they change stands in the audit log like any other change. */
import { userInfo } from 'node:os';
import { newAudit } from '../audit/new-audit.ts';
import { systemPrincipal } from '../auth/permissions.ts';
import { databaseFileOf } from '../config/database-url.ts';
import { openKeyring } from '../secrets/keyring.ts';
import type { SqliteDatabase } from '../store/database.ts';
import { readOnce, requireStore, writeOnce } from '../store/one-write.ts';
import type { NewAudit } from '../store/units.ts';
import type { WriterArgs, WriterName, WriterResult } from '../store/writers.ts';
import { readComposition, type CompositionFlags } from './composition.ts';

type Act = Pick<NewAudit, 'action' | 'targetType' | 'targetId'> & Partial<Pick<NewAudit, 'detail'>>;

export interface SiteStore {
  readonly file: string;
  /** @throws HeldarError as the write does. */
  write<Name extends WriterName>(name: Name, args: WriterArgs<Name>, act: Act): WriterResult<Name>;
  read<Result>(read: (db: SqliteDatabase) => Result): Result;
}

/** @throws HeldarError `usage` where no kernel of this version has run, `config_invalid` without the site's key. */
export async function openSiteStore(flags: CompositionFlags): Promise<SiteStore> {
  const { settings } = await readComposition(flags);
  const file = databaseFileOf(settings.databaseUrl);
  requireStore(file);
  const keyring = openKeyring(file, settings.secrets);
  return {
    file,
    write(name, args, act) {
      const now = Date.now();
      const operator = { ...systemPrincipal, name: `${operatorName()} at the machine` };
      return writeOnce({ file, keyring }, name, args, now, newAudit(now, operator, act));
    },
    read: (read) => readOnce(file, read),
  };
}

function operatorName(): string {
  try {
    return userInfo().username;
  } catch {
    // An account that the system knows by its number alone.
    return `user ${process.getuid?.() ?? ''}`.trim();
  }
}
