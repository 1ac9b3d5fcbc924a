import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const INLINE_SCRIPT = /<script>([\s\S]*?)<\/script>/g;

/** Taking the page's own script in keeps the browser from painting: what can be shown before it is shown first. */
const PAINTED = `const painted = new Promise((go) => {
  if (document.visibilityState === 'hidden') return go();
  requestAnimationFrame(() => setTimeout(go));
  setTimeout(go, 100);
});
`;

/** @param {string} source */
function afterFirstPaint(source) {
  const later = source.replace(/import\(("[^"]+")\)/, 'painted.then(() => import($1))');
  if (later === source) throw new Error('the bootstrap script looks different now: it imports nothing');
  return PAINTED + later;
}

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
    const moved = body
      .trim()
      .replace('base: ""', `base: new URL('../..', document.currentScript.src).pathname.slice(0, -1)`)
      .replace(/import\("\/_app\/immutable\//g, 'import("./')
      .concat('\n');
    if (!moved.includes('currentScript.src') || /"\/_app/.test(moved))
      throw new Error('the bootstrap looks different now: check where it has its paths from');
    const source = afterFirstPaint(moved);
    const hash = createHash('sha256').update(source).digest('base64url').slice(0, 8);
    const path = `_app/immutable/boot.${hash}.js`;
    writeFileSync(join(dir, path), source);
    return `<script src="/${path}"></script>`;
  });
  if (/<script>|\son\w+=|\sstyle=|<style/.test(html)) throw new Error('index.html still holds inline script or style');
  writeFileSync(page, html);
}
