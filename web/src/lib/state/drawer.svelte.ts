/** Whether the sidebar stands over the page, on a phone. */
class Drawer {
  open = $state(false);
}

export const drawer = new Drawer();
