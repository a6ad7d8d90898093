/** Which of the files that were read are not what they were, also where nobody has watched? */
import { statSync } from 'node:fs';

export interface FileStamps {
  /** The file is about to be read; what is no file is passed over. */
  note(file: string): void;
  forget(files: readonly string[]): void;
  /** Those that were written, replaced or removed since they were noted. */
  stale(): string[];
}

export function createFileStamps(): FileStamps {
  const noted = new Map<string, string>();
  return {
    note(file) {
      const stamp = stampOf(file);
      if (stamp !== null) noted.set(file, stamp);
    },
    forget(files) {
      for (const file of files) noted.delete(file);
    },
    stale: () => [...noted].flatMap(([file, stamp]) => (stampOf(file) === stamp ? [] : file)),
  };
}

/** Differs once the file was written or replaced; null: there is no such file. */
export function stampOf(file: string): string | null {
  const stat = statSync(file, { bigint: true, throwIfNoEntry: false });
  return stat?.isFile() === true ? `${stat.mtimeNs} ${stat.size} ${stat.ino}` : null;
}
