/** How are the pages of the project built into a site? `npm run docs:site` writes it to docs/.vitepress/dist. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitepress';
import { headingId } from './heading-id.ts';
import { renderDiagrams } from './markdown/diagrams.ts';
import { showFileNames } from './markdown/file-names.ts';
import { linkSources } from './markdown/source-links.ts';
import { buildSidebar, homePage } from './navigation.ts';
import { createSourceCopies } from './source-copies.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const sources = createSourceCopies(root);

export default defineConfig({
  title: 'Heldar',
  description: 'Records cameras, keeps what AI workers detect, and hands it to plugins exactly once.',
  lang: 'en',
  // The pages stand where their subject does, and links between them are those of the repository.
  srcDir: '..',
  srcExclude: [
    '.heldar/**',
    '.ci/**',
    'data/**',
    '**/dist/**',
    '**/.mutants/**',
    '**/fixtures/**',
    // Pages of the projects that are made from them.
    'create-heldar-plugin/released/**',
    'create-heldar-plugin/templates/**',
  ],
  rewrites: { [homePage]: 'index.md' },
  cacheDir: '../.heldar/vitepress',
  lastUpdated: false,
  markdown: {
    anchor: { slugify: headingId },
    config(md) {
      renderDiagrams(md);
      showFileNames(md);
      linkSources(md, root, sources.add);
    },
  },
  themeConfig: {
    nav: [
      { text: 'Tutorial', link: '/docs/tutorial' },
      { text: 'Concepts', link: '/docs/concepts' },
      { text: 'SDK', link: '/docs/sdk' },
      { text: 'API', link: '/docs/api' },
    ],
    sidebar: buildSidebar(root),
    outline: [2, 3],
    search: { provider: 'local' },
  },
  vite: {
    plugins: [sources.plugin],
    // Of the project's folders only pages concern the development server.
    server: { watch: { ignored: ['**/data/**', '**/dist/**', '**/.heldar/**'] } },
    // The largest part is the drawer of diagrams, which only pages with one load.
    build: { chunkSizeWarningLimit: 4000 },
  },
  buildEnd: ({ outDir }) => sources.copyTo(outDir),
});
