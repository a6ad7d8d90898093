/** Which codemods are there? By number, the oldest first. One that was released is never changed. */
import type { Codemod } from './codemod.ts';
import { conformanceTest } from './codemods/0001-conformance-test.ts';
import { minuteForEachTest } from './codemods/0002-minute-for-each-test.ts';
import { buildBeforePacking } from './codemods/0003-build-before-packing.ts';
import { buildInCheck } from './codemods/0004-build-in-check.ts';

import { statedCapabilities } from './codemods/0005-stated-capabilities.ts';

export const codemods: readonly Codemod[] = [
  conformanceTest,
  minuteForEachTest,
  buildBeforePacking,
  buildInCheck,
  statedCapabilities,
];
