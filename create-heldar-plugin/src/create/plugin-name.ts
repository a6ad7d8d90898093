/** What may a plugin be called? The rule of the kernel, which a test compares. */
import { basename } from 'node:path';

const pattern = /^[a-z][a-z0-9-]{0,62}$/;

/** Names that stand for somebody else in the journal. */
const taken: readonly string[] = ['kernel', 'worker'];

/** Tables of the kernel: no plugin's tables may begin as these do. */
export const kernelTables: readonly string[] = [
  'ai_tasks',
  'api_keys',
  'audit_ends',
  'camera_incarnations',
  'camera_secrets',
  'camera_status',
  'consumer_state',
  'consumer_tables',
  'lease_segments',
  'log_labels',
  'mirror_queue',
  'mirror_status',
  'playback_sessions',
  'record_triggers',
  'recording_gaps',
  'recording_intents',
  'recording_outages',
  'recording_schedules',
  'schema_migrations',
  'segment_totals',
  'snapshot_schedules',
  'sqlite_',
  'user_sessions',
  'written_hours',
];

/** Why a plugin can't be called so, or null when it can. */
export function nameProblem(name: string): string | null {
  if (name === '') return 'a plugin needs a name';
  if (name.length > 63) return `'${name}' has ${name.length} characters; 63 are the most`;
  if (!pattern.test(name))
    return `'${name}' has to be lower-case letters, digits and hyphens, a letter first`;
  if (taken.includes(name)) return `'${name}' is the kernel's own name`;
  const prefix = `${name.replaceAll('-', '_')}_`;
  const table = kernelTables.find((known) => known.startsWith(prefix));
  return table === undefined ? null : `the tables of '${name}' would mix with '${table}' of the kernel`;
}

/** The name that a folder or a package suggests: `sites/heldar-plugin-gate` → `gate`. */
export function suggestedName(folder: string): string {
  return basename(folder).replace(/^(?:heldar-plugin-|heldar-|plugin-)/, '');
}

const packagePattern = /^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/;

/** Why no npm package can be called so, or null when one can. */
export function packageNameProblem(name: string): string | null {
  if (name.length > 214) return `'${name.slice(0, 20)}…' has ${name.length} characters; 214 are the most`;
  return packagePattern.test(name)
    ? null
    : `'${name}' is no name of an npm package: lower-case letters, digits, '-', '.' and '_', such as @acme/heldar-gate`;
}
