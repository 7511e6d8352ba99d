import { beforeEach, describe, expect, it, vi } from "vitest";
import { forgetMessages } from "../messages";
import { enableBoard } from "./board";

const BOARD = `
  <div data-board>
    <section data-column="todo"><a data-count="2">2</a><ul data-cards>
      <li data-card="1" data-status="todo" draggable="true"><a href="/tasks/1/">First</a>
        <details open><summary></summary><form data-move action="/tasks/1/move/"><input name="version" value="3">
        <button name="status" value="todo" disabled></button><button name="status" value="done"></button></form></details></li>
      <li data-card="2" data-status="todo"><a href="/tasks/2/">Second</a></li>
      <li data-more="/tasks/board/cards/?column=todo"><a href="/tasks/">Show more</a></li>
    </ul></section>
    <section data-column="done"><a data-count="0">0</a><ul data-cards></ul></section>
  </div>
  <template data-board-toast><div data-board-said><p data-said></p><button name="what"></button><button data-toast-close></button></div></template>`;

function find(selector: string): HTMLElement {
  const element = document.querySelector<HTMLElement>(selector);
  if (!element) {
    throw new Error(`no ${selector}`);
  }
  return element;
}

function answers(status: number, body: unknown): ReturnType<typeof vi.fn> {
  const asked = vi.fn().mockResolvedValue(new Response(typeof body === "string" ? body : JSON.stringify(body), { status }));
  vi.stubGlobal("fetch", asked);
  return asked;
}

function press(): void {
  const form = find("form") as HTMLFormElement;
  form.dispatchEvent(new SubmitEvent("submit", { submitter: find("button[value=done]"), bubbles: true, cancelable: true }));
}

function cards(status: string): string[] {
  return [...find(`[data-column=${status}]`).querySelectorAll<HTMLElement>("[data-card]")].map((card) => card.dataset["card"] ?? "");
}

beforeEach(() => {
  forgetMessages();
  document.body.innerHTML = BOARD;
  enableBoard(document);
});

describe("board", () => {
  it("moves a card by its button, with its version, and offers to take it back", async () => {
    const asked = answers(200, { said: "Moved.", undo: "moved:1:todo:4", version: 4 });
    press();
    expect(cards("done")).toEqual(["1"]);
    await vi.waitFor(() => {
      expect(find("[data-said]").textContent).toBe("Moved.");
    });
    const sent = (asked.mock.calls[0]?.[1] as { body: FormData }).body;
    expect([sent.get("status"), sent.get("version")]).toEqual(["done", "3"]);
    expect((find("input[name=version]") as HTMLInputElement).value).toBe("4");
    expect((find("button[name=what]") as HTMLButtonElement).value).toBe("moved:1:todo:4");
    expect([find("[data-column=todo] [data-count]").textContent, find("[data-column=done] [data-count]").textContent]).toEqual(["1", "1"]);
    expect((find("button[value=done]") as HTMLButtonElement).disabled).toBe(true);
    find("[data-toast-close]").click();
    expect(document.querySelector("[data-board-said]")).toBeNull();
  });

  it("puts a refused card back where it was and says why", async () => {
    answers(412, { said: "Somebody changed it.", undo: "" });
    press();
    await vi.waitFor(() => {
      expect(find("[data-said]").textContent).toBe("Somebody changed it.");
    });
    expect(cards("todo")).toEqual(["1", "2"]);
    expect(find("[data-column=todo] [data-count]").textContent).toBe("2");
    expect((find("button[name=what]") as HTMLButtonElement).hidden).toBe(true);
    expect((find("input[name=version]") as HTMLInputElement).value).toBe("3");
  });

  it("puts a card back when nothing answers", async () => {
    vi.stubGlobal("fetch", vi.fn().mockRejectedValue(new Error("offline")));
    press();
    await vi.waitFor(() => {
      expect(find("[data-said]").textContent).toBe("The card could not be moved. Try it again.");
    });
    expect(cards("todo")).toEqual(["1", "2"]);
  });

  it("takes a card that is dropped on another column", async () => {
    answers(200, { said: "Moved.", undo: "x", version: 4 });
    const drag = (selector: string, kind: string): void => {
      find(selector).dispatchEvent(new Event(kind, { bubbles: true, cancelable: true }));
    };
    drag("[data-card='1']", "dragstart");
    drag("[data-column=done]", "dragover");
    expect(find("[data-column=done]").hasAttribute("data-over")).toBe(true);
    drag("[data-column=done]", "drop");
    drag("[data-card='1']", "dragend");
    expect(document.querySelector("[data-over]")).toBeNull();
    expect(cards("done")).toEqual(["1"]);
    await vi.waitFor(() => {
      expect(find("[data-said]").textContent).toBe("Moved.");
    });
  });

  it("shows more cards, each once", async () => {
    answers(200, '<li data-card="2"><a href="/tasks/2/"></a></li><li data-card="3"><a href="/tasks/3/"></a></li>');
    find("[data-more] a").click();
    await vi.waitFor(() => {
      expect(cards("todo")).toEqual(["1", "2", "3"]);
    });
    expect(document.querySelector("[data-more]")).toBeNull();
  });
});
