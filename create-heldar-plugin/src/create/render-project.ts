/** Which files does a new project consist of? The template in its own name, licence and package manager. */
import type { Licence, PackageManager } from '../choices.ts';
import type { Files } from '../files.ts';
import { inWordsOf, ways } from '../package-manager.ts';

export interface Project {
  /** Of the plugin. */
  readonly name: string;
  /** Of the npm package. */
  readonly packageName: string;
  readonly licence: Licence;
  readonly packageManager: PackageManager;
  readonly year: number;
}

const workflow = '.github/workflows/check.yml';

/** `template`: the files of one, named `my-plugin`. `licenceText`: with `{year}` and `{name}`. */
export function renderProject(project: Project, template: Files, licenceText: string): Files {
  const { packageManager, year, name } = project;
  const files = new Map<string, string>();
  for (const [path, text] of template) files.set(path, renameIn(text, project));
  const rewrite = (path: string, change: (text: string) => string) => {
    const text = files.get(path);
    if (text !== undefined) files.set(path, change(text));
  };
  rewrite('package.json', (text) => withLicence(text, project));
  rewrite('README.md', (text) => inWordsOf(packageManager, text));
  rewrite('heldar.config.ts', (text) => inWordsOf(packageManager, text));
  rewrite(workflow, (text) => inWordsOf(packageManager, withSetup(text, ways[packageManager].setup)));
  for (const [path, text] of Object.entries(ways[packageManager].files)) files.set(path, text);
  files.set('LICENSE', licenceText.replaceAll('{year}', String(year)).replaceAll('{name}', name));
  return files;
}

/** The template's names become the project's: of package, plugin and tables. */
export function renameIn(text: string, { name, packageName }: Pick<Project, 'name' | 'packageName'>): string {
  return text
    .replaceAll('heldar-plugin-my-plugin', packageName)
    .replaceAll('my-plugin', name)
    .replaceAll('my_plugin', name.replaceAll('-', '_'));
}

/** What may not be distributed is not published by mistake either. */
function withLicence(text: string, { licence }: Project): string {
  const { name, version, ...rest } = JSON.parse(text) as Record<string, unknown>;
  const hidden = licence === 'UNLICENSED' ? { private: true } : {};
  return `${JSON.stringify({ name, version, ...hidden, ...rest, license: licence }, null, 2)}\n`;
}

function withSetup(text: string, setup: string): string {
  return text.replace(/^ {6}- uses: actions\/setup-node/m, (step) => setup + step);
}
