// Runs before the first paint and before the page's own script.
(function () {
  var kept = function (key) {
    try {
      return localStorage.getItem('miniman.' + key);
    } catch {
      // A browser that keeps nothing gets the defaults.
      return null;
    }
  };
  var root = document.documentElement;

  // So that no theme flashes, and what is painted before there is a page is where it will be.
  // `lib/state/preferences.svelte.ts` owns both settings.
  var theme = kept('theme');
  var dark = theme === 'dark' || (theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  root.dataset.theme = dark ? 'dark' : 'light';
  var base = new URL('.', document.currentScript.src).pathname;
  var door = ['login', 'setup'].includes(location.pathname.slice(base.length));
  if (door || kept('sidebar') === 'off') root.dataset.first = 'plain';

  // Every page but these asks for both at once: by the time that it does, the answers are there.
  // `lib/transport/api.ts` takes them.
  window.minimanFirst = {};
  if (door) return;
  ['/me', '/containers'].forEach(function (path) {
    var answer = fetch(base + 'api/v1' + path, { headers: { Accept: 'application/json' }, credentials: 'same-origin' });
    // Whoever takes it hears of it.
    answer.catch(function () {});
    window.minimanFirst[path] = answer;
  });
})();
