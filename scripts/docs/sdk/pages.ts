/** Which packages have a reference, and where does it stand? */
import { fileURLToPath } from 'node:url';
import type { SdkPage } from './page.ts';

const source = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

export const sdkPages: readonly (SdkPage & { readonly path: string })[] = [
  {
    path: 'docs/sdk.md',
    title: 'SDK reference',
    specifier: '@heldar/plugin-sdk',
    entry: source('plugin-sdk/src/index.ts'),
    introduction:
      'All that a plugin or a composition imports, as its types and comments say. [Writing a plugin](writing-a-plugin.md) tells how it is used.',
  },
  {
    path: 'docs/sdk-worker.md',
    title: 'Worker reference',
    specifier: '@heldar/plugin-sdk/worker',
    entry: source('plugin-sdk/src/worker/index.ts'),
    introduction:
      'All that an AI worker in TypeScript imports. The [people counter](../examples/people-counter/README.md) is one; a worker in another language asks the same [routes](api.md).',
  },
  {
    path: 'docs/sdk-testing.md',
    title: 'Test kit reference',
    specifier: '@heldar/kernel/testing',
    entry: source('kernel/src/testing/index.ts'),
    introduction:
      'All that the tests of a plugin import. [Writing a plugin](writing-a-plugin.md#testing) tells how it is used. `conformance` of `@heldar/kernel/testing/conformance` registers the cases below with vitest.',
  },
];
