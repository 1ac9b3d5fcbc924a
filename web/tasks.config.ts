import { defineConfig } from '@playwright/test';
import base from './playwright.config';

/** What xtask has Chromium do beside the specs: measuring the page, and pictures of it. */
export default defineConfig({
  ...base,
  testDir: '.',
  outputDir: 'test-results/tasks',
  projects: (base.projects ?? []).flatMap((project) =>
    project.name === 'page'
      ? [
          { ...project, name: 'bench', testMatch: 'bench/*.bench.ts', repeatEach: 1, timeout: 30 * 60_000 },
          { ...project, name: 'screens', testMatch: 'screens/*.screens.ts', repeatEach: 1 }
        ]
      : [project]
  )
});
