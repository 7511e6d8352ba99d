/**
 * `<div data-refresh="/address" data-refresh-ms="1000">` shows what the address answers, read again and again while the
 * page can be seen. The content is left alone where nothing changed, so a selection or an open menu in it stays.
 */
const DEFAULT_MS = 2000;
const LONGEST_PAUSE_MS = 30_000;

export function enableRefresh(root: ParentNode): void {
  for (const element of root.querySelectorAll<HTMLElement>("[data-refresh]")) {
    keepFresh(element, element.dataset["refresh"] ?? "", Number(element.dataset["refreshMs"]) || DEFAULT_MS);
  }
}

function keepFresh(element: HTMLElement, address: string, interval: number): void {
  let shown = "";
  let pause = interval;
  const again = async (): Promise<void> => {
    if (!element.isConnected) {
      return;
    }
    if (!document.hidden) {
      try {
        const response = await fetch(address, { credentials: "same-origin", redirect: "error" });
        if (response.ok) {
          const text = await response.text();
          if (text !== shown) {
            element.innerHTML = text;
            shown = text;
          }
          pause = interval;
        } else {
          pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
        }
      } catch {
        pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
      }
    }
    setTimeout(() => void again(), pause);
  };
  setTimeout(() => void again(), interval);
}
