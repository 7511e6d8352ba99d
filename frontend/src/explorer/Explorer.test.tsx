import { act, cleanup, fireEvent, render, screen, within } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { listen } from "../telemetry/stream";
import type { LiveEvents } from "../telemetry/stream";
import * as api from "./api";
import type { Described } from "./api";
import { telemetryExplorerIsland } from "./island";

vi.mock("../telemetry/stream");
vi.mock("./api", async (original) => ({
  ...(await original<typeof api>()),
  readTile: vi.fn(),
  readThresholds: vi.fn(),
  readDatapoints: vi.fn(),
  readPage: vi.fn(),
  readFirstTime: vi.fn(),
}));
// The canvas is the browser's matter; the end-to-end test looks at it.
vi.mock("uplot", () => ({
  default: class {
    static paths = {};
    width = 0;
    over = document.createElement("div");
    batch(work: () => void) {
      work();
    }
    setData() {
      return undefined;
    }
    setScale() {
      return undefined;
    }
    destroy() {
      return undefined;
    }
  },
}));

const NOW = Date.UTC(2026, 10, 20, 12);
const of = (id: number, name: string, unit: string, value: number | null): Described => ({
  id,
  name,
  unit,
  project_name: "Lab",
  object_name: id === 1 ? "Room 3" : null,
  latest: value === null ? null : { ts: new Date(NOW - 60_000).toISOString(), value },
});
const temperature = of(1, "Temperature", "°C", 21.5);
const humidity = of(2, "Humidity", "%", null);
let live: LiveEvents;

function show(chosen: readonly Described[], search: string): void {
  history.replaceState(null, "", `/telemetry/explore/${search}`);
  const props = {
    organization: "o",
    places: [
      { project: "p", projectName: "Lab", object: "r", objectName: "Room 3", count: 1 },
      { project: "p", projectName: "Lab", object: null, objectName: null, count: 1 },
    ],
    complete: false,
    chosen,
    most: 2,
    zone: "UTC",
    zones: ["UTC", "Europe/Berlin"],
  };
  render(<>{telemetryExplorerIsland(props)}</>);
}

const settle = () => act(() => vi.advanceTimersByTimeAsync(400));

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  HTMLDialogElement.prototype.showModal = function () {
    this.open = true;
  };
  vi.mocked(listen).mockImplementation((_ids, events) => {
    live = events;
    return () => undefined;
  });
  vi.mocked(api.readTile).mockImplementation((ids, { from, to }) => {
    const all = [
      { time: NOW / 1000 - 7200, value: 20 },
      { time: NOW / 1000 - 3600, value: 22 },
    ].filter(({ time }) => time * 1000 >= from && time * 1000 < to);
    const points = { times: all.map(({ time }) => time), values: all.map(({ value }) => value) };
    return Promise.resolve(new Map(ids.map((id) => [id, points])));
  });
  vi.mocked(api.readThresholds).mockResolvedValue([
    { rule: "x", datapoint: 1, name: "Too hot", value: 30, isUpper: true, severity: "warning" },
  ]);
  vi.mocked(api.readFirstTime).mockResolvedValue(NOW - 1e9);
});

afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

describe("explorer", () => {
  it("says what to do where nothing is chosen", async () => {
    show([], "?datapoints=9");
    await settle();
    expect(screen.getByText("Nothing is chosen yet")).toBeTruthy();
    expect(location.search).toBe("");
    expect(api.readTile).not.toHaveBeenCalled();
  });

  it("shows what the address asks for, in words too, with thresholds and newest values", async () => {
    show([temperature, humidity], "?datapoints=1,2");
    await settle();
    expect(screen.getByRole("group", { name: "Temperature: between 20\u202f°C and 22\u202f°C. Humidity: between 20\u202f% and 22\u202f%" })).toBeTruthy();
    expect(screen.getByText("Too hot: above 30 °C")).toBeTruthy();
    const legend = within(screen.getByRole("list", { name: "Legend" }));
    expect(legend.getByText("21.5 °C")).toBeTruthy();
    act(() => {
      live.onSample(2, { time: NOW, value: 48 });
      live.onSample(2, { time: NOW - 1000, value: 47 });
    });
    expect(legend.getByText("48 %")).toBeTruthy();
  });

  it("keeps the address as it looks, and asks for what is chosen", async () => {
    show([temperature], "?datapoints=1");
    await settle();
    fireEvent.change(screen.getByLabelText("Values"), { target: { value: "day" } });
    fireEvent.change(screen.getByLabelText("Function"), { target: { value: "max" } });
    fireEvent.change(screen.getByLabelText("Time zone"), { target: { value: "Europe/Berlin" } });
    fireEvent.click(screen.getByRole("button", { name: "30 days" }));
    await settle();
    expect(location.search).toBe("?datapoints=1&last=2592000&interval=day&function=max&tz=Europe/Berlin");
    expect(vi.mocked(api.readTile).mock.lastCall?.[2]).toEqual({ interval: "day", fn: "max", zone: "Europe/Berlin" });
    const link = screen.getByRole("link", { name: "CSV" }).getAttribute("href") ?? "";
    expect(new URL(link, "http://x").searchParams.get("start")).toBe("2026-10-20T22:00:00.000Z");
    fireEvent.click(screen.getByRole("button", { name: "All" }));
    await settle();
    expect(location.search).toContain(`from=${new Date(NOW - 1e9).toISOString()}`);
    fireEvent.keyDown(screen.getByRole("group", { name: /^Temperature/ }), { key: "End" });
    fireEvent.change(screen.getByLabelText("From"), { target: { value: "2026-11-01T00:00:00" } });
    fireEvent.blur(screen.getByLabelText("From"));
    expect(location.search).toContain("from=2026-10-31T23:00:00.000Z");
  });

  it("says when an interval is too short for the range, and why values are missing", async () => {
    vi.mocked(api.readTile).mockRejectedValue(new Error("the disk is full"));
    show([temperature], "?datapoints=1&last=315360000&interval=15m&function=avg");
    await settle();
    expect(screen.getByText("For so long a time these are too many; shown are: Weeks.")).toBeTruthy();
    expect(screen.getByRole("alert").textContent).toContain("the disk is full");
    vi.mocked(api.readTile).mockResolvedValue(new Map());
    fireEvent.click(screen.getByRole("button", { name: "Try again" }));
    await settle();
    expect(screen.getByText("There are no values in this time.")).toBeTruthy();
  });

  it("hides and removes lines, and lists values", async () => {
    show([temperature, humidity], "?datapoints=1,2");
    await settle();
    fireEvent.click(screen.getByRole("button", { name: "Hide Humidity" }));
    expect(screen.getByRole("button", { name: "Hide Humidity" }).getAttribute("aria-pressed")).toBe("true");
    fireEvent.click(screen.getByRole("button", { name: "Hide Humidity" }));
    fireEvent.click(screen.getByRole("button", { name: "Remove Humidity" }));
    expect(location.search).toBe("?datapoints=1");
    const details = screen.getByText("The newest values of this time as a table").closest("details");
    if (!details) {
      throw new Error("no details");
    }
    details.open = true;
    fireEvent(details, new Event("toggle"));
    expect(screen.getAllByRole("row")).toHaveLength(3);
  });

  it("lets datapoints be chosen from the tree and by searching, page by page", async () => {
    vi.mocked(api.readDatapoints).mockResolvedValue({ rows: [temperature], next: "/next" });
    vi.mocked(api.readPage).mockResolvedValue({ rows: [humidity, of(3, "Light", "lx", 5)], next: null });
    show([], "");
    fireEvent.click(screen.getByRole("button", { name: "Choose datapoints" }));
    const branch = screen.getByText("Whole project").closest("details");
    if (!branch) {
      throw new Error("no branch");
    }
    branch.open = true;
    fireEvent(branch, new Event("toggle"));
    await settle();
    expect(vi.mocked(api.readDatapoints).mock.lastCall?.[0]).toEqual({ project: "p", whole: "true" });
    fireEvent.change(screen.getByLabelText("Search datapoints"), { target: { value: "temp " } });
    await settle();
    expect(vi.mocked(api.readDatapoints).mock.lastCall?.[0]).toEqual({ organization: "o", search: "temp" });
    fireEvent.click(screen.getByRole("button", { name: "Show more" }));
    await settle();
    fireEvent.click(screen.getByRole("checkbox", { name: /Temperature/ }));
    fireEvent.click(screen.getByRole("checkbox", { name: /Light/ }));
    expect(location.search).toBe("?datapoints=1,3");
    expect(screen.getByText("2 are chosen; more would not be told apart.")).toBeTruthy();
    expect(screen.getByRole("checkbox", { name: /Humidity/ }).hasAttribute("disabled")).toBe(true);
    fireEvent.click(screen.getByRole("checkbox", { name: /Light/ }));
    expect(location.search).toBe("?datapoints=1");
  });
});
