/** `<details data-menu>` is a menu: it closes on Escape, on a click elsewhere, and when another one opens. */
export function enableMenus(root: Document): void {
  const openMenus = (): HTMLDetailsElement[] => [...root.querySelectorAll<HTMLDetailsElement>("details[data-menu][open]")];

  root.addEventListener("click", (event) => {
    for (const menu of openMenus()) {
      if (!menu.contains(event.target as Node)) {
        menu.open = false;
      }
    }
  });
  root.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") {
      return;
    }
    for (const menu of openMenus()) {
      menu.open = false;
      menu.querySelector("summary")?.focus();
    }
  });
}
