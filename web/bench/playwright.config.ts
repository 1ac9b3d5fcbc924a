import base from '../playwright.config';

/** Measures the page on a server that nobody else uses. No assertion is about time: what it took is printed. */
export default {
  ...base,
  testDir: '..',
  outputDir: '../test-results/bench',
  timeout: 30 * 60_000,
  projects: (base.projects ?? []).map((project) =>
    project.name === 'page' ? { ...project, testMatch: 'bench/*.bench.ts', repeatEach: 1 } : project
  )
};
