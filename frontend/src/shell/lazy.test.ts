import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { enableLazy } from "./lazy";

let see: (element: Element) => void;
const observed = new Set<Element>();

class Observer {
  constructor(tell: IntersectionObserverCallback) {
    see = (target) => {
      tell([{ target, isIntersecting: observed.has(target) } as unknown as IntersectionObserverEntry], this as never);
    };
  }
  observe(element: Element): void {
    observed.add(element);
  }
  unobserve(element: Element): void {
    observed.delete(element);
  }
}

beforeEach(() => {
  vi.stubGlobal("IntersectionObserver", Observer);
  document.body.innerHTML = '<ul><li data-lazy="/first"></li></ul>';
});

afterEach(() => {
  vi.unstubAllGlobals();
  observed.clear();
  document.body.innerHTML = "";
});

const items = (): string => document.querySelector("ul")?.innerHTML ?? "";
const lazy = (): Element => document.querySelector("[data-lazy]") ?? document.body;

describe("what is loaded when it is seen", () => {
  it("takes the place of what stood for it, and may go on", async () => {
    const answers = ['<li>one</li><li data-lazy="/second"></li>', "<li>two</li>"];
    const asked = vi.fn(() => Promise.resolve(new Response(answers.shift())));
    vi.stubGlobal("fetch", asked);
    enableLazy(document);
    expect(asked).not.toHaveBeenCalled();
    see(lazy());
    await vi.waitFor(() => {
      expect(observed.has(lazy())).toBe(true);
    });
    see(lazy());
    await vi.waitFor(() => {
      expect(items()).toBe("<li>one</li><li>two</li>");
    });
    expect(asked.mock.calls.map(([address]: unknown[]) => address)).toEqual(["/first", "/second"]);
  });

  it("goes away where it can't be read", async () => {
    vi.stubGlobal("fetch", () => Promise.resolve(new Response("", { status: 404 })));
    enableLazy(document);
    see(lazy());
    await vi.waitFor(() => {
      expect(items()).toBe("");
    });
  });
});
