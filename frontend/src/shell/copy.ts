import { t } from "../messages";

const SHOWN_MS = 2000;

async function copy(text: string): Promise<void> {
  // Plain http on a local network has no clipboard API; there the old command still works.
  if (window.isSecureContext) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const area = document.createElement("textarea");
  area.value = text;
  area.setAttribute("readonly", "");
  area.className = "fixed opacity-0";
  document.body.append(area);
  area.select();
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- the only way without a secure context
  const done = document.execCommand("copy");
  area.remove();
  if (!done) {
    throw new Error("copying is not allowed here");
  }
}

/** `<button data-copy="#selector">` copies the value or text of what the selector names and says so on itself. */
export function enableCopyButtons(root: Document): void {
  root.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-copy]") : null;
    const source = button?.dataset["copy"];
    if (!button || !source) {
      return;
    }
    const element = root.querySelector(source);
    const text = element instanceof HTMLInputElement ? element.value : (element?.textContent ?? "").trim();
    const label = button.querySelector<HTMLElement>("[data-copy-label]") ?? button;
    const before = label.textContent;
    copy(text).then(
      () => {
        label.textContent = t("Copied");
        setTimeout(() => {
          label.textContent = before;
        }, SHOWN_MS);
      },
      () => {
        if (element instanceof HTMLInputElement) {
          element.select();
        }
        label.textContent = t("Press Ctrl+C");
      },
    );
  });
}
