import adapterStatic from '@sveltejs/adapter-static';
import { externaliseBootstrap } from './scripts/externalise-bootstrap.js';

const pages = 'build';

/**
 * adapter-static, then the inline bootstrap script moved to a file of its own, so that the server's
 * `script-src 'self'` holds; compressing comes last because it must see the final index.html.
 */
function embeddable() {
  const base = adapterStatic({ pages, assets: pages, fallback: 'index.html', precompress: false });
  return {
    name: 'adapter-embeddable',
    /** @param {import('@sveltejs/kit').Builder} builder */
    async adapt(builder) {
      await base.adapt(builder);
      externaliseBootstrap(pages);
      await builder.compress(pages);
    }
  };
}

/** @type {import('@sveltejs/kit').Config} */
const config = {
  compilerOptions: { runes: true },
  kit: {
    adapter: embeddable(),
    // One script and one style sheet: the page comes from the same binary as its data, and a second round trip
    // would cost more than the few kilobytes that splitting saves.
    output: { bundleStrategy: 'single' },
    serviceWorker: { register: false },
    typescript: {
      config: (tsconfig) => {
        tsconfig.include.push('../e2e/**/*.ts', '../bench/**/*.ts', '../screens/**/*.ts', '../*.config.ts');
      }
    }
  }
};

export default config;
