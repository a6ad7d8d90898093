/** Which codemods are there? By number, the oldest first. One that was released is never changed. */
import type { Codemod } from './codemod.ts';
import { conformanceTest } from './codemods/0001-conformance-test.ts';
import { timeForTests } from './codemods/0002-time-for-tests.ts';
import { buildBeforePacking } from './codemods/0003-build-before-packing.ts';
import { buildInCheck } from './codemods/0004-build-in-check.ts';

import { statedCapabilities } from './codemods/0005-stated-capabilities.ts';

export const codemods: readonly Codemod[] = [
  conformanceTest,
  timeForTests,
  buildBeforePacking,
  buildInCheck,
  statedCapabilities,
];
