import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  ssr: { resolve: { conditions: ['heldar-source', 'node', 'import', 'default'] } },
  resolve: { conditions: ['heldar-source', 'node', 'import', 'default'] },
  test: {
    include: ['**/*.test.ts'],
    exclude: [
      '**/node_modules/**',
      '**/dist/**',
      '**/.mutants/**',
      '**/.heldar/**',
      'create-heldar-plugin/{templates,released}/**',
    ],
    pool: 'forks',
    // Most tests wait for other processes: two of them keep two cores busy.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    execArgv: ['--conditions=heldar-source'],
    // Threads and processes that tests start read the sources compiled once, not each anew.
    env: { NODE_COMPILE_CACHE: fileURLToPath(new URL('node_modules/.cache/heldar-tests', import.meta.url)) },
    // Generous: a loaded machine is slow, and only what fails waits for it.
    expect: { poll: { timeout: 20_000 } },
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
