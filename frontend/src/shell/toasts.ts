const SHOWN_MS = 6000;

/** Toasts leave by themselves, but errors stay until closed; a pointer or focus on one keeps it. */
export function enableToasts(root: ParentNode): void {
  for (const toast of root.querySelectorAll<HTMLElement>("[data-toast]")) {
    toast.querySelector("[data-toast-close]")?.addEventListener("click", () => {
      toast.remove();
    });
    if (toast.dataset["toast"] === "error") {
      continue;
    }
    const leave = (): void => {
      if (toast.matches(":hover, :focus-within")) {
        setTimeout(leave, SHOWN_MS);
      } else {
        toast.remove();
      }
    };
    setTimeout(leave, SHOWN_MS);
  }
}
