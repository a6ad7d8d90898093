/** 0004: the check on GitHub builds as well. */
import type { Codemod } from '../codemod.ts';
import { replaceText } from '../edits.ts';
import { type PackageManager, packageManagers } from '../../choices.ts';
import { nothing } from '../codemod.ts';
import { inWordsOf } from '../../package-manager.ts';
import type { Files } from '../../files.ts';

const workflow = '.github/workflows/check.yml';
const test = '      - run: npm test\n';
const build = '      - run: npm run build\n';

export const buildInCheck: Codemod = {
  number: 4,
  version: '0.1.0',
  gains: 'a build in its check on GitHub',
  apply(files) {
    const say = (text: string) => inWordsOf(packageManagerOf(files), text);
    if (/run: .*\bbuild\b/.test(files.get(workflow) ?? '')) return nothing;
    return replaceText(files, workflow, {
      before: say(test),
      after: say(test + build),
      byHand: `add the step \`${say(build).trim()}\``,
    });
  },
};

/** The one whose words the workflow uses. */
function packageManagerOf(files: Files): PackageManager {
  const text = files.get(workflow) ?? '';
  const names = Object.keys(packageManagers) as PackageManager[];
  return names.find((name) => new RegExp(`run: ${name}\\b`).test(text)) ?? 'npm';
}
