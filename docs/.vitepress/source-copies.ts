/** How do the files that pages link to get onto the site? Each as text under its path, `kernel/src/kernel.ts.txt`. */
import { cpSync, createReadStream } from 'node:fs';
import { join } from 'node:path';
import type { UserConfig } from 'vitepress';

type VitePlugin = NonNullable<NonNullable<UserConfig['vite']>['plugins']>[number];

export interface SourceCopies {
  /** A page links to this file, by its path in the project. */
  add(file: string): void;
  /** Copies them all beside the built pages. */
  copyTo(outDir: string): void;
  /** Serves them while somebody writes. */
  readonly plugin: VitePlugin;
}

export function createSourceCopies(root: string): SourceCopies {
  const files = new Set<string>();
  return {
    add: (file) => void files.add(file),
    copyTo(outDir) {
      for (const file of files) cpSync(join(root, file), join(outDir, `${file}.txt`));
    },
    plugin: {
      name: 'heldar:source-copies',
      configureServer({ middlewares }) {
        middlewares.use((request, response, next) => {
          const file = /^\/(.+)\.txt$/.exec(request.url ?? '')?.[1];
          if (file === undefined || !files.has(file)) return next();
          response.setHeader('content-type', 'text/plain; charset=utf-8');
          createReadStream(join(root, file)).pipe(response);
        });
      },
    },
  };
}
