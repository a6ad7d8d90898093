/** Which files were saved together? */
import { sep } from 'node:path';
import { watch } from 'chokidar';
import { stampOf } from './file-stamps.ts';

export interface FileWatch {
  /** From now on these folders are watched, whatever is in them; those watched before go on. */
  add(folders: readonly string[]): void;
  close(): Promise<void>;
}

/** Editors write a file in steps, and several at once: what comes within this time is one save, ms. */
export const debounceMs = 30;
/**
 * chokidar tells of one change of a file in 50 ms and drops the others (`_throttle` in its handlers): a formatter that writes again right
 * behind a save would go unseen. So the files of a save are looked at once more after this time, ms.
 */
const lookAgainMs = 80;

const skipped: ReadonlySet<string> = new Set(['node_modules', '.git', '.vite', '.turbo', 'coverage']);

/**
 * Folders are watched and not patterns; links are followed. `isOutside`: absolute paths that are nobody's code, such as the data folder.
 * `onSaved` gets absolute paths, added, changed and removed ones, each once.
 */
export async function watchFiles(options: {
  folders: readonly string[];
  isOutside(path: string): boolean;
  onSaved(files: readonly string[]): void;
  onError(error: unknown): void;
}): Promise<FileWatch> {
  const saved = new Set<string>();
  let timer: NodeJS.Timeout | null = null;
  const looks = new Set<NodeJS.Timeout>();
  const soon = () => {
    if (timer !== null) clearTimeout(timer);
    timer = setTimeout(flush, debounceMs);
  };
  /** What each file was when it was told last: several events of one write are one save. */
  const told = new Map<string, string | null>();
  const flush = () => {
    timer = null;
    const stamps = [...saved].map((file) => [file, stampOf(file)] as const);
    saved.clear();
    const changed = stamps.filter(([file, stamp]) => stamp !== told.get(file));
    if (changed.length === 0) return;
    for (const [file, stamp] of changed) told.set(file, stamp);
    const files = changed.map(([file]) => file);
    const look = setTimeout(() => {
      looks.delete(look);
      const again = files.filter((file) => stampOf(file) !== told.get(file));
      for (const file of again) saved.add(file);
      // What chokidar tells of meanwhile is being waited for already.
      if (again.length > 0 && timer === null) soon();
    }, lookAgainMs);
    looks.add(look);
    options.onSaved(files);
  };
  const watcher = watch([...options.folders], {
    ignoreInitial: true,
    ignored: (path) => isSkipped(path, options.folders) || options.isOutside(path),
  });
  watcher.on('all', (event, path) => {
    if (event === 'addDir' || event === 'unlinkDir') return;
    saved.add(path);
    soon();
  });
  watcher.on('error', options.onError);
  await new Promise<void>((resolve) => watcher.once('ready', () => resolve()));
  return {
    add: (folders) => void watcher.add([...folders]),
    async close() {
      if (timer !== null) clearTimeout(timer);
      for (const look of looks) clearTimeout(look);
      await watcher.close();
    },
  };
}

/** A folder that is itself named to be watched may lie anywhere. */
function isSkipped(path: string, folders: readonly string[]): boolean {
  const root = folders.find((folder) => path.startsWith(folder)) ?? '';
  return path
    .slice(root.length)
    .split(sep)
    .some((part) => skipped.has(part));
}
