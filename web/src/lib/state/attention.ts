/** Whether somebody looks at the page. */

/** The tab is shown and has the keys. */
export function isLookedAt(): boolean {
  return document.visibilityState === 'visible' && document.hasFocus();
}

/** Tells when the page is looked at again. Returns what ends it. */
export function onLook(listener: () => void): () => void {
  const look = () => isLookedAt() && listener();
  addEventListener('focus', look);
  document.addEventListener('visibilitychange', look);
  return () => {
    removeEventListener('focus', look);
    document.removeEventListener('visibilitychange', look);
  };
}
