import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { mountIslands } from "../islands/loader";
import { forgetMessages, t } from "../messages";
import { enableConditionalFields } from "./conditional";
import { enableCopyButtons } from "./copy";
import { enableDialogs } from "./dialogs";
import { enableInvitation, fillTimeZone } from "./invitation";
import { enableMenus } from "./menus";
import { enableThemeChoice } from "./theme";
import { enableToasts } from "./toasts";

function page(markup: string): void {
  document.body.innerHTML = markup;
}

// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- reads like querySelector itself
function find<Kind extends HTMLElement>(selector: string): Kind {
  const element = document.querySelector<Kind>(selector);
  if (!element) {
    throw new Error(`no ${selector}`);
  }
  return element;
}

beforeEach(() => {
  vi.useFakeTimers();
  forgetMessages();
});

afterEach(() => {
  vi.useRealTimers();
  delete document.documentElement.dataset["theme"];
  sessionStorage.clear();
  location.hash = "";
});

describe("messages", () => {
  it("speak the language of the page and fill in values", () => {
    page('<script id="messages" type="application/json">{"Hello, {name}": "Привет, {name}"}</script>');
    expect(t("Hello, {name}", { name: "Ада" })).toBe("Привет, Ада");
    expect(t("Not there {x}")).toBe("Not there {x}");
  });
});

describe("theme", () => {
  it("is applied, kept in a cookie, and shown on its button", () => {
    page('<button data-theme-choice="dark"></button><button data-theme-choice="system"></button>');
    enableThemeChoice(document);
    expect(find("[data-theme-choice=system]").getAttribute("aria-pressed")).toBe("true");
    find("[data-theme-choice=dark]").click();
    expect(document.documentElement.dataset["theme"]).toBe("dark");
    expect(document.cookie).toContain("theme=dark");
    expect(find("[data-theme-choice=dark]").getAttribute("aria-pressed")).toBe("true");
    find("[data-theme-choice=system]").click();
    expect(document.documentElement.dataset["theme"]).toBeUndefined();
    expect(document.cookie).toContain("theme=system");
  });
});

describe("menus", () => {
  it("close on a click elsewhere and on Escape", () => {
    page('<details data-menu open><summary>Menu</summary><a id="in">in</a></details><p id="out">out</p>');
    enableMenus(document);
    const menu = find<HTMLDetailsElement>("details");
    find("#in").click();
    expect(menu.open).toBe(true);
    find("#out").click();
    expect(menu.open).toBe(false);
    menu.open = true;
    document.dispatchEvent(new KeyboardEvent("keydown", { key: "a" }));
    expect(menu.open).toBe(true);
    document.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
    expect(menu.open).toBe(false);
  });
});

describe("dialogs", () => {
  it("open by their button and close by theirs or the backdrop", () => {
    page('<button data-dialog-open="sure"></button><dialog id="sure"><button data-dialog-close></button></dialog>');
    enableDialogs(document);
    const dialog = find<HTMLDialogElement>("dialog");
    find("[data-dialog-open]").click();
    expect(dialog.open).toBe(true);
    find("[data-dialog-close]").click();
    expect(dialog.open).toBe(false);
    find("[data-dialog-open]").click();
    dialog.click();
    expect(dialog.open).toBe(false);
  });

  it("open at once when their form came back with a finding", () => {
    page("<dialog data-dialog-shown></dialog>");
    enableDialogs(document);
    expect(find<HTMLDialogElement>("dialog").open).toBe(true);
  });
});

describe("copy buttons", () => {
  it("copy the value of a field and say so for two seconds", async () => {
    page('<input id="code" value="abc"><button data-copy="#code"><span data-copy-label>Copy</span></button>');
    const writeText = vi.fn().mockResolvedValue(undefined);
    vi.stubGlobal("isSecureContext", true);
    vi.stubGlobal("navigator", { clipboard: { writeText } });
    enableCopyButtons(document);
    find("button").click();
    await vi.advanceTimersByTimeAsync(10);
    expect(writeText).toHaveBeenCalledWith("abc");
    expect(find("span").textContent).toBe("Copied");
    await vi.advanceTimersByTimeAsync(2000);
    expect(find("span").textContent).toBe("Copy");
    writeText.mockRejectedValue(new Error("not allowed"));
    find("button").click();
    await vi.advanceTimersByTimeAsync(10);
    expect(find("span").textContent).toBe("Press Ctrl+C");
    vi.unstubAllGlobals();
  });
});

describe("conditional fields", () => {
  it("show and send only what belongs to the chosen role", () => {
    page(`<form><select name="role"><option value="admin"></option><option value="user"></option></select>
      <div data-shown-when="role=user,guest"><input name="object"></div></form>`);
    enableConditionalFields(document);
    const role = find<HTMLSelectElement>("select");
    const part = find("div");
    expect([part.hidden, find<HTMLInputElement>("input").disabled]).toEqual([true, true]);
    role.value = "user";
    role.dispatchEvent(new Event("change", { bubbles: true }));
    expect([part.hidden, find<HTMLInputElement>("input").disabled]).toEqual([false, false]);
  });
});

describe("invitation", () => {
  it("moves the code from the address to its field, and forgets it when that is sent", () => {
    location.hash = "#code=secret-code";
    page("");
    enableInvitation(document);
    expect(location.hash).toBe("");
    page('<form><input data-from-fragment="code"></form>');
    enableInvitation(document);
    expect(find<HTMLInputElement>("input").value).toBe("secret-code");
    find("form").dispatchEvent(new Event("submit"));
    page('<form><input data-from-fragment="code"></form>');
    enableInvitation(document);
    expect(find<HTMLInputElement>("input").value).toBe("");
  });

  it("tells the time zone", () => {
    page("<input data-time-zone>");
    fillTimeZone(document);
    expect(find<HTMLInputElement>("input").value).toBe(Intl.DateTimeFormat().resolvedOptions().timeZone);
  });
});

describe("toasts", () => {
  it("leave by themselves, but errors stay until they are closed", () => {
    page('<div data-toast="success"></div><div data-toast="error"><button data-toast-close></button></div>');
    enableToasts(document);
    vi.advanceTimersByTime(6000);
    expect(document.querySelector("[data-toast=success]")).toBeNull();
    find("[data-toast-close]").click();
    expect(document.querySelector("[data-toast]")).toBeNull();
  });
});

describe("islands", () => {
  it("of a name that nobody knows are an error on the console", () => {
    const error = vi.spyOn(console, "error").mockImplementation(() => undefined);
    page('<div data-island="atlantis"></div>');
    mountIslands(document);
    expect(error).toHaveBeenCalledWith('No island is called "atlantis".');
  });

  it("are mounted with their props", async () => {
    vi.useRealTimers();
    page(`<div data-island="telemetry-chart" data-props='{"datapoints": []}'></div>`);
    mountIslands(document);
    await vi.waitFor(() => {
      expect(document.body.textContent).toContain("there is no datapoint here");
    }, 15_000);
  }, 20_000);
});
