/** How does what pages link to get onto the site? Each file as text under its path, `kernel/src/kernel.ts.txt`; of a folder the list of its files. */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { UserConfig } from 'vitepress';

type VitePlugin = NonNullable<NonNullable<UserConfig['vite']>['plugins']>[number];

export interface SourceCopies {
  /** A page links to this file or folder, by its path in the project. */
  add(path: string): void;
  /** Writes them all beside the built pages. */
  copyTo(outDir: string): void;
  /** Serves them while somebody writes. */
  readonly plugin: VitePlugin;
}

export function createSourceCopies(root: string): SourceCopies {
  const paths = new Set<string>();
  return {
    add: (path) => void paths.add(path),
    copyTo(outDir) {
      for (const path of paths) {
        const copy = join(outDir, `${path}.txt`);
        mkdirSync(dirname(copy), { recursive: true });
        writeFileSync(copy, textOf(join(root, path)));
      }
    },
    plugin: {
      name: 'heldar:source-copies',
      configureServer({ middlewares }) {
        middlewares.use((request, response, next) => {
          const path = /^\/(.+)\.txt$/.exec(request.url ?? '')?.[1];
          if (path === undefined || !paths.has(path)) return next();
          response.setHeader('content-type', 'text/plain; charset=utf-8');
          response.end(textOf(join(root, path)));
        });
      },
    },
  };
}

function textOf(path: string): string | Buffer {
  if (!statSync(path).isDirectory()) return readFileSync(path);
  return `${readdirSync(path).sort().join('\n')}\n`;
}
