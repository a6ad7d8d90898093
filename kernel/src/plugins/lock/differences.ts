/** In what does a plugin differ from what was agreed to, and does it ask for more? */
import { isolations, type Isolation } from '../manifest.ts';
import type { LockedPlugin } from './lock-file.ts';
import type { PresentPlugin } from './present-plugin.ts';

export interface Difference {
  /** `capability http:outbound is new`. */
  readonly text: string;
  /** It may do more, or is not what was looked at: a person has to agree. */
  readonly isWider: boolean;
}

/** Empty when it is as it was locked. Unknown capabilities of `present` are not compared. */
export function differencesOf(locked: LockedPlugin, present: PresentPlugin): Difference[] {
  return [
    ...sourceDifferences(locked, present),
    ...filesDifferences(locked, present),
    ...listDifferences('capability', locked.capabilities, present.capabilities ?? locked.capabilities),
    ...listDifferences('route', locked.routes, present.routes),
    ...isolationDifferences(locked.isolation, present.isolation),
    ...migrationDifferences(locked, present),
  ];
}

function sourceDifferences(locked: LockedPlugin, present: PresentPlugin): Difference[] {
  if (locked.specifier === present.specifier) return [];
  const shown = (specifier: string | null) => specifier ?? 'an import of the composition';
  return [
    {
      text: `it was named as ${shown(locked.specifier)} and is now ${shown(present.specifier)}`,
      isWider: true,
    },
  ];
}

/** A version of what is edited where it lies says nothing. */
function filesDifferences(locked: LockedPlugin, present: PresentPlugin): Difference[] {
  if (locked.workspace === true && present.workspace === true) return [];
  if (locked.workspace === true)
    return [{ text: 'it was a folder of the site and is now an installed package', isWider: true }];
  if (present.workspace === true)
    return [{ text: 'it was an installed package and is now a folder of the site', isWider: true }];
  if (locked.integrity === present.integrity) return [];
  return [
    {
      text:
        locked.version === present.version
          ? `its files are not those of version ${locked.version} that were locked`
          : `its version was ${locked.version} and is now ${present.version}`,
      isWider: true,
    },
  ];
}

function listDifferences(what: string, before: readonly string[], now: readonly string[]): Difference[] {
  const added = now.filter((value) => !before.includes(value));
  const removed = before.filter((value) => !now.includes(value));
  return [
    ...added.map((value) => ({ text: `${what} ${value} is new`, isWider: true })),
    ...removed.map((value) => ({ text: `${what} ${value} is no longer asked for`, isWider: false })),
  ];
}

function isolationDifferences(before: Isolation = 'inline', now: Isolation = 'inline'): Difference[] {
  if (before === now) return [];
  const isWeaker = isolations.indexOf(now) < isolations.indexOf(before);
  return [{ text: `isolation was ${before} and is now ${now}`, isWider: isWeaker }];
}

/** New ones are drafts or come with a new version; those that were shipped are never edited again. */
function migrationDifferences(locked: LockedPlugin, present: PresentPlugin): Difference[] {
  return Object.entries(locked.migrations).flatMap(([path, checksum]) => {
    const now = present.checksum(path);
    if (now === checksum) return [];
    return [{ text: `shipped migration ${path} ${now === null ? 'is gone' : 'was edited'}`, isWider: true }];
  });
}
