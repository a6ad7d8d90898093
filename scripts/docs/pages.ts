/** Which pages are generated, wholly or in part, and how does each look now? */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { renderApiTables } from './api-tables.ts';
import { readDeclaredRoutes } from './declared-routes.ts';
import { renderErrorsPage } from './errors-page.ts';
import { sdkPages } from './sdk/pages.ts';
import { renderSdkPage } from './sdk/page.ts';
import { replaceSection } from './section.ts';
import { renderTreeTables } from './tree-tables.ts';

export interface Page {
  readonly name: 'api' | 'tree' | 'errors' | 'sdk';
  /** Absolute. */
  readonly file: string;
  /** The whole page as it should be, formatted. */
  render(): Promise<string>;
}

const root = fileURLToPath(new URL('../../', import.meta.url));

export const pages: readonly Page[] = [
  page('api', 'docs/api.md', async (file) =>
    replaceSection(await readFile(file, 'utf8'), 'routes', renderApiTables(await readDeclaredRoutes())),
  ),
  page('tree', 'docs/flows.md', async (file) =>
    replaceSection(await readFile(file, 'utf8'), 'tree', renderTreeTables(root)),
  ),
  page('errors', 'docs/errors.md', async () => renderErrorsPage()),
  ...sdkPages.map(({ path, ...sdk }) => page('sdk', path, async () => renderSdkPage(sdk))),
];

function page(name: Page['name'], path: string, render: (file: string) => Promise<string>): Page {
  const file = join(root, path);
  return {
    name,
    file,
    render: async () => format(await render(file), { ...(await resolveConfig(file)), filepath: file }),
  };
}
