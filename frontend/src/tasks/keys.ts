/**
 * Keys that spare the mouse: `/` goes to `<input data-focus-key="/">` unless somebody is typing, and Ctrl+Enter (⌘ on a
 * Mac) sends the form of a `<textarea data-submit-by-key>`.
 */
export function enableKeys(root: Document): void {
  root.addEventListener("keydown", (event) => {
    const target = event.target instanceof HTMLElement ? event.target : null;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      if (target instanceof HTMLTextAreaElement && target.dataset["submitByKey"] !== undefined) {
        event.preventDefault();
        target.form?.requestSubmit();
      }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || target?.closest("input, textarea, select, [contenteditable]")) {
      return;
    }
    const field = root.querySelector<HTMLInputElement>(`input[data-focus-key="${CSS.escape(event.key)}"]`);
    if (field !== null) {
      event.preventDefault();
      field.focus();
    }
  });
}
