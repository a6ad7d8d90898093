/** 0001: a project examines its plugin with the conformance suite. */
import { type Codemod, nothing } from '../codemod.ts';
import { addFile } from '../edits.ts';

const text = `/** Does the plugin pass what every plugin has to pass: restarts, duplicates, kills at any point, swaps? */
import { conformance } from '@heldar/kernel/testing/conformance';
import plugin from '../src/index.ts';

conformance(plugin, { crashes: 8 });
`;

export const conformanceTest: Codemod = {
  number: 1,
  version: '0.1.0',
  gains: 'the conformance suite among its tests',
  apply(files) {
    const hasOne = [...files.values()].some((file) => file.includes('@heldar/kernel/testing/conformance'));
    return hasOne ? nothing : addFile(files, 'test/conformance.test.ts', text);
  },
};
