/** Which pages has the site, for whom, and in which order? A page that stands here is in the sidebar under its first heading. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Group {
  readonly text: string;
  /** Paths in the project. */
  readonly pages: readonly string[];
  /** Closed until somebody opens it. */
  readonly collapsed?: boolean;
}

export interface SidebarGroup {
  readonly text: string;
  readonly items: { readonly text: string; readonly link: string }[];
  readonly collapsed?: boolean;
}

/** The page that the site opens with. */
export const homePage = 'README.md';

const groups: readonly Group[] = [
  { text: 'Begin', pages: [homePage, 'docs/quick-start.md', 'docs/concepts.md', 'docs/comparison.md'] },
  {
    text: 'Write plugins',
    pages: [
      'docs/tutorial.md',
      'docs/writing-a-plugin.md',
      'create-heldar-plugin/README.md',
      'docs/developing.md',
      'docs/replay.md',
      'docs/sdk.md',
      'docs/sdk-testing.md',
      'docs/sdk-worker.md',
      'plugins/zones/README.md',
      'kernel/README.md',
      'plugin-sdk/README.md',
      'examples/people-counter/README.md',
    ],
  },
  { text: 'Compose sites', pages: ['docs/configuration.md'] },
  {
    text: 'Operate',
    pages: [
      'docs/operating.md',
      'docs/security.md',
      'docs/isolation.md',
      'docs/simulated-cameras.md',
      'docs/api.md',
      'docs/errors.md',
    ],
  },
  {
    text: 'Maintain',
    pages: [
      'docs/flows.md',
      'docs/glossary.md',
      'docs/dependencies.md',
      'examples/media/README.md',
      'plugin-sdk/api-report.md',
      'bench/README.md',
      'kernel/test/exactly-once/README.md',
    ],
  },
  // Numbered notes: the folder is the list.
  { text: 'Decisions', pages: ['docs/decisions/README.md', 'docs/decisions/[0-9]*.md'], collapsed: true },
];

/** Every page that can be reached from the sidebar, by its path in the project. */
export function listPages(root: string): string[] {
  return groups.flatMap(({ pages }) => expand(root, pages));
}

/** @throws Error naming a page that does not exist or has no heading. */
export function buildSidebar(root: string): SidebarGroup[] {
  return groups.map(({ pages, ...group }) => ({
    ...group,
    items: expand(root, pages).map((page) => ({
      text: titleOf(root, page),
      link: page === homePage ? '/' : `/${page.replace(/\.md$/, '')}`,
    })),
  }));
}

function expand(root: string, pages: readonly string[]): string[] {
  return pages.flatMap((page) => (page.includes('*') ? globSync(page, { cwd: root }).sort() : [page]));
}

function titleOf(root: string, page: string): string {
  const title = /^# (.+)$/m.exec(readFileSync(join(root, page), 'utf8'))?.[1];
  if (title === undefined) throw new Error(`${page} has no heading '# …' to stand in the sidebar with`);
  return title.replaceAll('`', '');
}
