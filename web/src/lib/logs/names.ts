/** Names of containers as the page shows them, and the hue that a name always has. */

/** As many as `--name-1` … `--name-10` in the tokens. */
export const HUES = 10;

/** 1 to 10, the same for a name wherever it stands. */
export function hueOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  // FNV alone gives names that differ in their last digit neighbouring low bits; this spreads them.
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (((hash ^ (hash >>> 13)) >>> 0) % HUES) + 1;
}

/** What a container is called inside its stack: `web-1` for service web's first, else its own name. */
export function shortName(container: { name: string; service: string | null; number: number | null }): string {
  if (container.service === null) return container.name;
  return container.number === null ? container.service : `${container.service}-${container.number}`;
}
