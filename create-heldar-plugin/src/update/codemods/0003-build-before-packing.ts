/** 0003: what is published was built just before. */
import type { Codemod } from '../codemod.ts';
import { addMember } from '../edits.ts';

export const buildBeforePacking: Codemod = {
  number: 3,
  version: '0.1.0',
  gains: 'a build before each npm pack and npm publish',
  apply: (files) => addMember(files, 'package.json', ['scripts', 'prepack'], 'tsc -p tsconfig.build.json'),
};
