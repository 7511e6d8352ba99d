/** `<li data-lazy="/address">` is replaced by what the address answers, as soon as it comes into sight. */
export function enableLazy(root: ParentNode): void {
  const seen = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting && target instanceof HTMLElement) {
        seen.unobserve(target);
        void load(target, watch);
      }
    }
  });
  const watch = (inside: ParentNode): void => {
    for (const element of inside.querySelectorAll<HTMLElement>("[data-lazy]")) {
      seen.observe(element);
    }
  };
  watch(root);
}

async function load(element: HTMLElement, watch: (inside: ParentNode) => void): Promise<void> {
  const parent = element.parentElement;
  try {
    const response = await fetch(element.dataset["lazy"] ?? "", { credentials: "same-origin", redirect: "error" });
    if (!response.ok) {
      throw new Error(response.statusText);
    }
    element.outerHTML = await response.text();
    if (parent) {
      watch(parent);
    }
  } catch {
    // What can't be read is left out; a reload of the page tries again.
    element.remove();
  }
}
