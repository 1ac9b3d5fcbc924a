import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const INLINE_SCRIPT = /<script>([\s\S]*?)<\/script>/g;

/**
 * Moves every inline script of `<dir>/index.html` into a hashed file and refers to it by `src`.
 * A classic script stays classic: SvelteKit's bootstrap reads `document.currentScript`. There it also learns the path
 * that everything is served below: from where the script itself came.
 *
 * @param {string} dir
 */
export function externaliseBootstrap(dir) {
  const page = join(dir, 'index.html');
  const html = readFileSync(page, 'utf8').replace(INLINE_SCRIPT, (_, body) => {
    const source = body
      .trim()
      .replace('base: ""', `base: new URL('../..', document.currentScript.src).pathname.slice(0, -1)`)
      .replace(/import\("\/_app\/immutable\//g, 'import("./')
      .concat('\n');
    if (!source.includes('currentScript.src') || /"\/_app/.test(source))
      throw new Error('the bootstrap looks different now: check where it has its paths from');
    const hash = createHash('sha256').update(source).digest('base64url').slice(0, 8);
    const path = `_app/immutable/boot.${hash}.js`;
    writeFileSync(join(dir, path), source);
    return `<script src="/${path}"></script>`;
  });
  if (/<script>|\son\w+=|\sstyle=|<style/.test(html)) throw new Error('index.html still holds inline script or style');
  writeFileSync(page, html);
}
