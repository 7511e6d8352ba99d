import { act, cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { loadMarks } from "./alarms";
import { loadHistory } from "./api";
import { telemetryChartIsland } from "./island";
import { listen } from "./stream";
import type { LiveEvents } from "./stream";
import type * as Alarms from "./alarms";

vi.mock("./alarms", async (original) => ({ ...(await original<typeof Alarms>()), loadMarks: vi.fn() }));
vi.mock("./api");
vi.mock("./stream");
// The canvas is the browser's matter; the end-to-end test looks at it.
vi.mock("uplot", () => ({
  default: class {
    width = 0;
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
const props = {
  datapoints: [
    { id: 1, name: "Temperature", unit: "°C" },
    { id: 2, name: "Humidity", unit: "%" },
  ],
  window: 3600,
};
let live: LiveEvents;
const stop = vi.fn();

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  vi.mocked(listen).mockImplementation((_ids, events) => {
    live = events;
    return stop;
  });
  vi.mocked(loadMarks).mockResolvedValue({ thresholds: [], times: [] });
  vi.mocked(loadHistory).mockImplementation((id) =>
    Promise.resolve(id === 1 ? [{ time: NOW - 60_000, value: 20 }, { time: NOW - 30_000, value: 21.5 }] : []),
  );
});

afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

async function show(given: unknown = props): Promise<void> {
  render(<>{telemetryChartIsland(given)}</>);
  await act(() => vi.advanceTimersByTimeAsync(50));
}

describe("telemetry chart", () => {
  it("shows the latest value of each datapoint and says in words what is drawn", async () => {
    await show();
    expect(screen.getByText("21.5 °C")).toBeTruthy();
    expect(screen.getByText(/^30 sec\.? ago$/)).toBeTruthy();
    expect(screen.getByText("no value yet")).toBeTruthy();
    expect(screen.getAllByRole("img").map((chart) => chart.getAttribute("aria-label"))).toEqual([
      "Line chart. Temperature: now 21.5\u202f°C, between 20\u202f°C and 21.5\u202f°C",
      "Line chart. Humidity: no values",
    ]);
  });

  it("asks for the alarms of its datapoints again and again, and draws without them", async () => {
    vi.mocked(loadMarks).mockRejectedValue(new Error("away"));
    await show();
    await act(() => vi.advanceTimersByTimeAsync(5000));
    expect(vi.mocked(loadMarks).mock.calls.map(([ids, start]) => [ids, start])).toEqual([
      [[1, 2], NOW - 3_600_000],
      [[1, 2], NOW - 3_595_000],
    ]);
    expect(screen.getByText("21.5 °C")).toBeTruthy();
  });

  it("moves with a live sample and tells the state of the connection", async () => {
    await show();
    expect(screen.getByRole("status").dataset["connection"]).toBe("connecting");
    act(() => {
      live.onState("live");
      live.onSample(2, { time: NOW + 50, value: 48 });
    });
    await act(() => vi.advanceTimersByTimeAsync(50));
    expect(screen.getByText("48 %")).toBeTruthy();
    expect(screen.getByRole("status").dataset["connection"]).toBe("live");
    act(() => {
      live.onState("interrupted");
    });
    expect(screen.getByRole("status").textContent).toBe("Connection lost, trying again");
  });

  it("reads the past anew after a gap", async () => {
    await show();
    expect(loadHistory).toHaveBeenCalledTimes(2);
    act(() => {
      live.onGap();
    });
    expect(loadHistory).toHaveBeenCalledTimes(4);
    await act(() => vi.advanceTimersByTimeAsync(50));
  });

  it("says why the past could not be read", async () => {
    vi.mocked(loadHistory).mockRejectedValue(new Error("the disk is full"));
    await show();
    expect(screen.getByRole("alert").textContent).toBe("The past values could not be read: the disk is full");
  });

  it("begins anew with another period", async () => {
    await show();
    fireEvent.click(screen.getByRole("button", { name: "5 min" }));
    await act(() => vi.advanceTimersByTimeAsync(50));
    expect(stop).toHaveBeenCalled();
    const [, start, end] = vi.mocked(loadHistory).mock.lastCall ?? [];
    expect((end ?? 0) - (start ?? 0)).toBe(300_000);
    expect(screen.getByRole("button", { name: "5 min" }).getAttribute("aria-pressed")).toBe("true");
  });

  it("lists the newest values in a table when it is unfolded", async () => {
    await show();
    const details = screen.getByText("Newest values as a table").closest("details");
    if (!details) {
      throw new Error("no details");
    }
    details.open = true;
    fireEvent(details, new Event("toggle"));
    expect(screen.getAllByRole("row").slice(1).map((row) => row.lastElementChild?.textContent)).toEqual([
      "21.5\u202f°C",
      "20\u202f°C",
    ]);
  });

  it("explains an empty place instead of drawing nothing", async () => {
    await show({ datapoints: [{ id: "1" }, null] });
    expect(screen.getByText(/there is no datapoint here/)).toBeTruthy();
    await show(null);
    expect(listen).not.toHaveBeenCalled();
  });
});
