// Runs before the first paint, so that no theme flashes. `lib/state/preferences.svelte.ts` owns the setting.
(function () {
  var wanted = null;
  try {
    wanted = localStorage.getItem('miniman.theme');
  } catch {
    // A browser that keeps nothing follows the system.
  }
  var dark = wanted === 'dark' || (wanted !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
})();
