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
    execArgv: ['--conditions=heldar-source'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
