import { t } from "../messages";

/**
 * `<div data-board>`: cards are dragged from column to column, or moved by the buttons of their forms, without another
 * page; what the site refuses goes back to where it was, with a sentence. Without the script the forms work alone.
 */
export function enableBoard(root: ParentNode): void {
  for (const board of root.querySelectorAll<HTMLElement>("[data-board]")) {
    enableDragging(board);
    board.addEventListener("submit", (event) => {
      const form = event.target instanceof HTMLFormElement ? event.target : null;
      const status = event.submitter instanceof HTMLButtonElement ? event.submitter.value : "";
      const card = form?.closest<HTMLElement>("[data-card]");
      if (form?.dataset["move"] !== undefined && card && status) {
        event.preventDefault();
        void move(board, card, status).then(() => {
          form.closest("details")?.removeAttribute("open");
          card.querySelector("a")?.focus();
        });
      }
    });
    board.addEventListener("click", (event) => {
      const more = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-more]") : null;
      if (more && !event.ctrlKey && !event.metaKey) {
        event.preventDefault();
        void showMore(board, more);
      }
    });
  }
}

function columnOf(board: HTMLElement, status: string): HTMLElement | null {
  return board.querySelector<HTMLElement>(`[data-column="${CSS.escape(status)}"]`);
}

function enableDragging(board: HTMLElement): void {
  let dragged: HTMLElement | null = null;
  const mark = (column: Element | null): void => {
    for (const one of board.querySelectorAll("[data-over]")) {
      one.toggleAttribute("data-over", one === column);
    }
    column?.toggleAttribute("data-over", true);
  };
  board.addEventListener("dragstart", (event) => {
    dragged = event.target instanceof HTMLElement ? event.target.closest<HTMLElement>("[data-card]") : null;
    if (dragged && event.dataTransfer) {
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", dragged.querySelector("a")?.href ?? "");
      dragged.toggleAttribute("data-dragged", true);
    }
  });
  board.addEventListener("dragover", (event) => {
    const column = event.target instanceof Element ? event.target.closest("[data-column]") : null;
    if (dragged && column) {
      event.preventDefault();
      mark(column);
    }
  });
  board.addEventListener("drop", (event) => {
    const column = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-column]") : null;
    const status = column?.dataset["column"] ?? "";
    if (dragged && status) {
      event.preventDefault();
      if (dragged.dataset["status"] !== status) {
        void move(board, dragged, status);
      }
    }
  });
  board.addEventListener("dragend", () => {
    dragged?.removeAttribute("data-dragged");
    dragged = null;
    mark(null);
  });
}

interface Answer {
  said: string;
  undo: string;
  version?: number;
}

async function move(board: HTMLElement, card: HTMLElement, status: string): Promise<void> {
  const form = card.querySelector<HTMLFormElement>("form[data-move]");
  const version = form?.querySelector<HTMLInputElement>("input[name=version]");
  const list = columnOf(board, status)?.querySelector("[data-cards]");
  // A card that is on its way is not sent away a second time.
  if (!form || !version || !list || card.hasAttribute("aria-busy")) {
    return;
  }
  const before = { status: card.dataset["status"] ?? "", list: card.parentNode, next: card.nextSibling };
  card.setAttribute("aria-busy", "true");
  list.prepend(card);
  stand(board, card, status);
  const sent = new FormData(form);
  sent.set("status", status);
  let answer: Answer | null = null;
  let done: boolean;
  try {
    const headers = { Accept: "application/json" };
    const response = await fetch(form.action, { method: "POST", body: sent, headers, credentials: "same-origin", redirect: "error" });
    done = response.ok;
    answer = (await response.json()) as Answer;
  } catch {
    done = false;
  }
  card.removeAttribute("aria-busy");
  if (!done) {
    before.list?.insertBefore(card, before.next?.parentNode === before.list ? before.next : null);
    stand(board, card, before.status);
  } else if (answer?.version !== undefined) {
    version.value = String(answer.version);
  }
  say(board, answer?.said ?? t("The card could not be moved. Try it again."), done ? (answer?.undo ?? "") : "", !done);
}

/** Notes in which column the card stands now: on itself, on its buttons, and in the counts of both columns. */
function stand(board: HTMLElement, card: HTMLElement, status: string): void {
  for (const [column, step] of [[card.dataset["status"] ?? "", -1], [status, 1]] as const) {
    const count = columnOf(board, column)?.querySelector<HTMLElement>("[data-count]");
    if (count) {
      const number = Number(count.dataset["count"]) + step;
      count.dataset["count"] = count.textContent = String(number);
    }
  }
  card.dataset["status"] = status;
  for (const button of card.querySelectorAll<HTMLButtonElement>("button[name=status]")) {
    button.disabled = button.value === status;
  }
}

/** A toast made of the page's template, with a button that takes the move back. */
function say(board: HTMLElement, said: string, undo: string, isError: boolean): void {
  const places = board.ownerDocument;
  const pattern = places.querySelector<HTMLTemplateElement>("template[data-board-toast]");
  const toast = pattern?.content.firstElementChild?.cloneNode(true);
  if (!(toast instanceof HTMLElement)) {
    return;
  }
  for (const old of places.querySelectorAll("[data-board-said]")) {
    old.remove();
  }
  const text = toast.querySelector("[data-said]");
  if (text) {
    text.textContent = said;
  }
  const button = toast.querySelector<HTMLButtonElement>("button[name=what]");
  if (button) {
    button.value = undo;
    button.hidden = undo === "";
  }
  toast.toggleAttribute("data-error", isError);
  toast.querySelector("[data-toast-close]")?.addEventListener("click", () => {
    toast.remove();
  });
  places.body.append(toast);
}

/** Puts the next cards of a column where the link to them stands; the link leads to the list if that fails. */
async function showMore(board: HTMLElement, more: HTMLElement): Promise<void> {
  try {
    const response = await fetch(more.dataset["more"] ?? "", { credentials: "same-origin", redirect: "error" });
    if (!response.ok) {
      throw new Error(response.statusText);
    }
    const first = more.previousElementSibling;
    more.insertAdjacentHTML("beforebegin", await response.text());
    // What was moved here in the meantime stands in the column already.
    const keys = new Set<string>();
    for (const card of board.querySelectorAll<HTMLElement>("[data-card]")) {
      const key = card.dataset["card"] ?? "";
      if (keys.has(key)) {
        card.remove();
      }
      keys.add(key);
    }
    more.remove();
    first?.nextElementSibling?.querySelector("a")?.focus();
  } catch {
    const link = more.querySelector("a");
    if (link) {
      location.assign(link.href);
    }
  }
}
