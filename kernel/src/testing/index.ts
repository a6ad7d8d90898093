/** All that the tests of a plugin import: `@heldar/kernel/testing`. */
export { createTestHost } from './open-test-host.ts';
export type { IngestOptions, ParkedWork, TestEvent, TestHost, TestHostOptions } from './test-host.ts';
export { conformanceCases } from './conformance/cases.ts';
export type { ConformanceOptions } from './conformance/subject.ts';
export { runCases } from './conformance/tier.ts';
export type { CaseResult, ConformanceCase, Tier } from './conformance/tier.ts';
export { batch, track } from './batches.ts';
export { recordedBatches } from './recorded-batches.ts';
export type { SeenBatch, SeenObject, Walk } from './batches.ts';
export type { LogLine } from './kernel-run.ts';
export type { Problem } from './problems.ts';
export type { ImportedPlugin } from './wrap-plugin.ts';
