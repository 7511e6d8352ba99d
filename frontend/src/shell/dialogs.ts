/** `<button data-dialog-open="id">` opens the `<dialog id>`; `[data-dialog-close]` inside it closes it. */
export function enableDialogs(root: Document): void {
  root.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    const opener = target?.closest<HTMLElement>("[data-dialog-open]");
    if (opener) {
      const dialog = root.getElementById(opener.dataset["dialogOpen"] ?? "");
      if (dialog instanceof HTMLDialogElement) {
        dialog.showModal();
      }
    } else if (target?.closest("[data-dialog-close]")) {
      target.closest("dialog")?.close();
    } else if (target instanceof HTMLDialogElement) {
      // The backdrop belongs to the dialog element itself; what is inside it is a child.
      target.close();
    }
  });
  // A form that came back with errors, or a fresh secret, is shown at once.
  root.querySelector<HTMLDialogElement>("dialog[data-dialog-shown]")?.showModal();
}
