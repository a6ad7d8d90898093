/** How the steps of `heldar secrets` and `heldar audit` are done, on the composition's database. */
import { resolve } from 'node:path';
import { databaseFileOf } from '../config/database-url.ts';
import { HeldarError } from '../errors.ts';
import { openKeyring } from '../secrets/keyring.ts';
import { rekey } from '../secrets/rekey.ts';
import type { ChainLink } from '../store/audit-chain.ts';
import { verifyAudit } from '../store/audit-queries.ts';
import { lockDataFolder } from '../store/lock.ts';
import { readOnce, requireStore } from '../store/one-write.ts';
import { readComposition, type CompositionFlags } from './composition.ts';

export async function runRekey(flags: CompositionFlags & { newKeyFile?: string }): Promise<void> {
  const { settings } = await readComposition(flags);
  const file = databaseFileOf(settings.databaseUrl);
  requireStore(file);
  const newKeyFile = flags.newKeyFile === undefined ? null : resolve(flags.newKeyFile);
  const lock = lockDataFolder(settings.dataDir);
  try {
    const { secrets, from, to } = rekey(file, settings.secrets, newKeyFile);
    say(`${secrets} secrets are sealed with key ${to} now; backups from before need key ${from}`);
    if (settings.secrets.key !== null)
      say('next: put the new key into HELDAR_SECRET_KEY, then start the kernel');
  } finally {
    lock.release();
  }
}

/** Exit code 1 when it is not whole. */
export async function runVerify(flags: CompositionFlags & { known?: string }): Promise<void> {
  const { settings } = await readComposition(flags);
  const file = databaseFileOf(settings.databaseUrl);
  requireStore(file);
  const known = flags.known === undefined ? undefined : linkOf(flags.known);
  const { chainKey } = openKeyring(file, settings.secrets);
  const verdict = readOnce(file, (db) => verifyAudit(db, chainKey, known));
  if (!verdict.ok) {
    say(`✘ ${verdict.problem}`);
    process.exitCode = 1;
    return;
  }
  const since = verdict.first === null ? '' : ` since ${new Date(verdict.first).toISOString()}`;
  say(`✔ ${verdict.rows} rows${since}, none changed or missing`);
  say(`end: ${verdict.end.seq}:${verdict.end.mac}`);
}

function linkOf(text: string): ChainLink {
  const [, seq, mac] = /^(\d+):([0-9a-f]{64})$/.exec(text) ?? [];
  if (seq === undefined || mac === undefined)
    throw new HeldarError(
      'usage',
      `--known: '${text}' is no end of the log; heldar audit verify prints them`,
    );
  return { seq: Number(seq), mac };
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
