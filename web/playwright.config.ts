import { defineConfig, devices } from '@playwright/test';
import { STORAGE_STATE } from './e2e/support/environment';

/**
 * Runs against a server and a daemon that somebody else started: `MINIMAN_URL`, `MINIMAN_SETUP_LINK` (used once) and
 * `DOCKER_HOST`. The browser is the system's.
 */
export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results/output',
  reporter: [['list']],
  workers: 1,
  retries: 0,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  use: {
    ...devices['Desktop Chrome'],
    baseURL: process.env['MINIMAN_URL'] ?? 'http://127.0.0.1:5647',
    viewport: { width: 1280, height: 760 },
    launchOptions: { executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium' },
    trace: 'retain-on-failure'
  },
  projects: [
    { name: 'setup', testMatch: 'setup.ts' },
    {
      name: 'page',
      testMatch: '*.spec.ts',
      dependencies: ['setup'],
      // Not the command line's, which would run the setup as often too.
      repeatEach: Number(process.env['MINIMAN_E2E_REPEAT'] ?? 1),
      use: { storageState: STORAGE_STATE }
    }
  ]
});
