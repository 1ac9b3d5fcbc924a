/** Which containers a view's selectors mean: OR within a kind, AND between kinds, everything when empty. */
import type { Container, Selectors } from '$lib/protocol/api';

/** `selectors.container` holds full ids here. */
export function selects({ container, stack, service, engine }: Selectors, candidate: Container): boolean {
  return (
    (container.length === 0 || container.includes(candidate.id)) &&
    (stack.length === 0 || (candidate.stack !== null && stack.includes(candidate.stack))) &&
    (service.length === 0 || (candidate.service !== null && service.includes(candidate.service))) &&
    (engine.length === 0 || engine.includes(candidate.engine))
  );
}
