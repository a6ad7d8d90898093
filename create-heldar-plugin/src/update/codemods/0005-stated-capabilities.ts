/** 0005: package.json states what the plugin may touch, so that a site knows before any code runs. */
import { type Codemod, type Edit, nothing } from '../codemod.ts';
import { addMember } from '../edits.ts';
import type { Files } from '../../files.ts';

const source = 'src/index.ts';

export const statedCapabilities: Codemod = {
  number: 5,
  version: '0.1.0',
  gains: 'a package.json that states its capabilities',
  apply(files) {
    const capabilities = capabilitiesIn(files);
    if (capabilities === null) return isStated(files) ? nothing : byHand;
    return addMember(files, 'package.json', ['heldar', 'capabilities'], capabilities);
  },
};

const byHand: Edit = {
  changed: new Map(),
  left: `package.json: state in "heldar" the "capabilities" that definePlugin names`,
};

/** Those that `definePlugin` names, as far as that can be read without running it; null: it can't. */
function capabilitiesIn(files: Files): readonly string[] | null {
  const text = files.get(source);
  if (text === undefined) return null;
  if (!/^\s*capabilities\b/m.test(text)) return [];
  const [, list] = /^\s*capabilities: \[([\s'"a-z:,-]*)\]/m.exec(text) ?? [];
  return list === undefined
    ? null
    : [...list.matchAll(/['"]([a-z:-]+)['"]/g)].flatMap(([, name]) => name ?? []);
}

function isStated(files: Files): boolean {
  const { heldar } = JSON.parse(files.get('package.json') ?? '{}') as { heldar?: { capabilities?: unknown } };
  return heldar?.capabilities !== undefined;
}
