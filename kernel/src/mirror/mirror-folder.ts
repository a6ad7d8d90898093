/** Is the mirror folder the one that this store copies to, or is its disk missing, or somebody else's? */
import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { messageOf } from '../errors.ts';
import { markerFile } from '../recording/folder-identity.ts';
import { syncPath } from '../recording/durable-link.ts';

/** Holds the id of the store whose copies lie here. */
export const mirrorMarkerFile = '.heldar-mirror';

export interface MirrorFault {
  /** `offline`: may come back by itself. `error`: somebody has to mend it. */
  readonly kind: 'offline' | 'error';
  /** Names no path of the machine. */
  readonly reason: string;
}

export interface MirrorFolder {
  /** Absolute. */
  readonly folder: string;
  readonly storeId: string;
  /** Copies were made before: a folder without a marker is then not the one they are in. */
  readonly hasCopies: boolean;
  /** Absolute; the mirror is no mirror within them, nor they within it. */
  readonly recordingRoots: readonly string[];
}

/** null when copies may go there. The first time, the folder is made and marked. Never rejects. */
export async function checkMirrorFolder(mirror: MirrorFolder): Promise<MirrorFault | null> {
  const { folder, storeId } = mirror;
  if (mirror.recordingRoots.some((root) => isWithin(root, folder) || isWithin(folder, root)))
    return {
      kind: 'error',
      reason: 'the mirror folder and the recordings lie within one another; give it a folder of its own',
    };
  try {
    if (!mirror.hasCopies) await mkdir(folder, { recursive: true });
    const marker = await readMarker(folder, mirrorMarkerFile);
    if (marker === storeId) return null;
    if (marker !== null)
      return {
        kind: 'error',
        reason: `the mirror folder holds the copies of another site; give this one another folder, or remove ${mirrorMarkerFile} from it`,
      };
    if ((await readMarker(folder, markerFile)) !== null)
      return {
        kind: 'error',
        reason: 'the mirror folder is a recordings folder; give it a folder of its own',
      };
    if (mirror.hasCopies) return await whatIsMissing(folder);
    await writeFile(join(folder, mirrorMarkerFile), `${storeId}\n`);
    await syncPath(join(folder, mirrorMarkerFile));
    await syncPath(folder);
    return null;
  } catch (error) {
    return { kind: 'offline', reason: faultOf(error) };
  }
}

/** Says of a failed file operation what a person can do about it, without the path that Node's own message holds. */
export function faultOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return 'the mirror disk is full';
    case 'EROFS':
    case 'EACCES':
    case 'EPERM':
      return `the mirror folder can not be written to (${code})`;
    case 'ENOENT':
    case 'ENOTDIR':
      return 'the mirror folder is gone: is its disk mounted?';
    case undefined:
      return messageOf(error);
    default:
      return `the mirror disk fails (${code})`;
  }
}

async function whatIsMissing(folder: string): Promise<MirrorFault> {
  const isThere = await access(folder).then(
    () => true,
    () => false,
  );
  return {
    kind: 'offline',
    reason: isThere
      ? `the mirror folder has lost its ${mirrorMarkerFile}: is its disk mounted?`
      : 'the mirror folder is gone: is its disk mounted?',
  };
}

async function readMarker(folder: string, name: string): Promise<string | null> {
  try {
    return (await readFile(join(folder, name), 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function isWithin(outer: string, inner: string): boolean {
  const way = relative(outer, inner);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`));
}
