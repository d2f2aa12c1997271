import { defineConfig } from 'vitest/config';

/**
 * One worker a core: vitest's own choice leaves a core idle, half the machine on 2. Tests end to end bring up services and
 * break them: a minute is short there, and most of it waiting; two at a time are right on 2 cores.
 */
export default defineConfig({
  test: {
    globalSetup: ['test/support/account-setup.ts'],
    setupFiles: ['test/support/no-console.ts'],
    restoreMocks: true,
    maxWorkers: '100%',
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/e2e/**', 'test/sandbox/deploy/**'],
          testTimeout: 20_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'account',
          // Not beside the unit tests: its services would starve and alarm for real.
          sequence: { groupOrder: 1 },
          include: ['test/e2e/**/*.test.ts', 'test/sandbox/deploy/**/*.test.ts'],
          maxWorkers: 2,
          testTimeout: 600_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
