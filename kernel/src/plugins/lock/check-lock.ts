/** May this plugin's code run, by what the site agreed to? */
import type { ResolvedConfig } from '../../config/load-config.ts';
import { failure, type PluginFailure } from '../failure.ts';
import type { Slot } from '../slot.ts';
import { differencesOf, type Difference } from './differences.ts';
import { lockFileOf, placeInLock, readLock, type LockedPlugins } from './lock-file.ts';
import { readPresentPlugin } from './present-plugin.ts';

export interface LockInUse {
  readonly file: string;
  readonly plugins: LockedPlugins;
  /** The site's own folders are being edited: what their code asks for follows the author's hand. */
  readonly isDevelopment: boolean;
  /** By name or specifier: it is the one that is being agreed to. */
  isAccepted(plugin: string): boolean;
}

/** The lock beside the composition; null: there is none, and nothing is compared. @throws HeldarError `config_invalid` when it can't be read. */
export function openLock(
  { layers, environment }: Pick<ResolvedConfig, 'layers' | 'environment'>,
  isAccepted: LockInUse['isAccepted'] = () => false,
): LockInUse | null {
  const composition = layers.at(-1)?.file ?? null;
  if (composition === null) return null;
  const file = lockFileOf(composition);
  const plugins = readLock(file);
  return plugins && { file, plugins, isDevelopment: environment === 'development', isAccepted };
}

type Checked = Pick<Slot, 'name' | 'manifest' | 'definition'> & {
  readonly entry: Pick<Slot['entry'], 'source'>;
};

/**
 * null: it may. Asked before its code is imported, and again when its code is the first to say its name or its capabilities.
 * `cwd`: where the migrations of a plugin without a package lie.
 */
export async function checkLock(
  lock: LockInUse | null,
  plugin: Checked,
  cwd: string,
): Promise<PluginFailure | null> {
  const { name, manifest, definition } = plugin;
  const { source } = plugin.entry;
  if (lock === null || manifest === null || lock.isAccepted(name)) return null;
  const known = source.specifier !== null && lock.isAccepted(source.specifier);
  if (known || (definition !== null && !isToldByCode(plugin))) return null;
  const isNameless = definition === null && manifest.name === null;
  const locked =
    lock.plugins.get(name) ??
    (isNameless
      ? [...lock.plugins.values()].find(({ specifier }) => specifier === source.specifier)
      : undefined);
  const present = await readPresentPlugin(source, manifest, cwd);
  if (present.workspace === true && lock.isDevelopment) return null;
  if (locked === undefined) return refusal(lock, name, 'heldar.lock does not name it');
  const asked = present.capabilities ?? definition?.capabilities ?? null;
  const wider = differencesOf(locked, { ...present, capabilities: asked && [...asked] }).filter(
    ({ isWider }) => isWider,
  );
  return wider.length === 0 ? null : refusal(lock, name, describeDifferences(wider));
}

function isToldByCode({ manifest }: Checked): boolean {
  return manifest === null || manifest.name === null || manifest.capabilities === null;
}

/** One line: a log line and an answer have room for no more. */
function describeDifferences(differences: readonly Difference[]): string {
  return `it is not what heldar.lock says: ${differences.map(({ text }) => text).join('; ')}`;
}

function refusal({ file }: LockInUse, name: string, reason: string): PluginFailure {
  return failure(
    'pre-flight',
    reason,
    `when this is meant, agree to it: heldar plugin accept ${name}; else install what was locked`,
    { place: placeInLock(file, name) },
  );
}
