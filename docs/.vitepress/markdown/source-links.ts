/** Where does a link to something that is no page lead? To a copy of the file, which the site carries along as text. */
import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { MarkdownRenderer } from 'vitepress';

interface PageEnv {
  readonly relativePath?: string;
}

/**
 * `linked` receives each such file or folder, by its path in the project. A folder with a README.md stands for that page.
 * @throws Error for a link to something that does not exist.
 */
export function linkSources(md: MarkdownRenderer, root: string, linked: (file: string) => void): void {
  md.core.ruler.push('source-links', ({ tokens, env }) => {
    const page = (env as PageEnv).relativePath ?? '';
    const links = tokens
      .flatMap(({ children }) => children ?? [])
      .filter(({ type, attrGet }) => type === 'link_open' && attrGet !== undefined);
    for (const link of links) {
      const href = link.attrGet('href') ?? '';
      if (/^[a-z]+:|^[#/]/i.test(href) || /\.md(#.*)?$/.test(href)) continue;
      const file = relative(root, join(root, dirname(page), href));
      if (!existsSync(join(root, file))) throw new Error(`${page}: the link '${href}' leads nowhere`);
      if (existsSync(join(root, file, 'README.md')))
        link.attrSet('href', `${href.replace(/\/$/, '')}/README.md`);
      else {
        linked(file);
        link.attrSet('href', `/${file}.txt`);
        link.attrSet('target', '_blank');
      }
    }
  });
}
