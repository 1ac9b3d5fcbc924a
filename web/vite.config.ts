import { sveltekit } from '@sveltejs/kit/vite';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

/** Where `npm run dev` sends what the server answers. */
const server = process.env['MINIMAN_URL'] ?? 'http://127.0.0.1:5647';

/**
 * SvelteKit's root component hides its route announcer by a style attribute, which `style-src 'self'` refuses. A class
 * of ours hides it as well.
 */
function announcerWithoutInlineStyle(): Plugin {
  return {
    name: 'announcer-without-inline-style',
    enforce: 'pre',
    transform(code, id) {
      if (!id.split('?')[0]?.endsWith('/generated/root.svelte')) return null;
      const changed = code.replace(/(id="svelte-announcer"[^>]*?)\sstyle="[^"]*"/, '$1 class="sr-only"');
      if (changed === code) throw new Error('the route announcer looks different now: check its inline style');
      return { code: changed, map: null };
    }
  };
}

export default defineConfig({
  plugins: [announcerWithoutInlineStyle(), sveltekit()],
  server: {
    proxy: {
      '/api': server,
      '/docker/containers': server,
      '/socket.io': { target: server, ws: true }
    }
  },
  // Property tests look at thousands of texts, on machines that are busy with other things.
  test: { include: ['src/**/*.test.ts'], environment: 'node', testTimeout: 30_000 }
});
