import { describe, expect, it } from "vitest";
import { clampSpan, DEFAULT_LAST_MS, fittingInterval, searchOf, spanOf, viewOf, zoomed } from "./view";
import type { View } from "./view";

const ZONES = ["UTC", "Asia/Kolkata", "Europe/Berlin"];
const NOW = Date.UTC(2026, 10, 20, 12);
const DAY = 86_400_000;
const read = (search: string): View => viewOf(search, ZONES, "Europe/Berlin", 3);

describe("the address", () => {
  it.each([
    "",
    "?datapoints=7,3",
    "?datapoints=7&last=3600",
    "?datapoints=7&from=2026-01-01T00:00:00.000Z&to=2026-02-01T00:00:00.000Z&interval=day&function=max&tz=Asia/Kolkata",
  ])("%s comes back as it was", (search) => {
    expect(searchOf(read(search), "Europe/Berlin")).toBe(search);
  });

  it("leaves out what makes no sense", () => {
    expect(read("?datapoints=7,x,7,1,2,3&last=-5&interval=second&function=median&tz=Mars/Olympus&from=b&to=a")).toEqual({
      datapoints: [7, 1, 2],
      range: { last: DEFAULT_LAST_MS },
      interval: "raw",
      fn: "avg",
      zone: "Europe/Berlin",
    });
    expect(read("?from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z").range).toEqual({ last: DEFAULT_LAST_MS });
  });
});

describe("ranges", () => {
  it("of the last so much time move with it", () => {
    expect(spanOf({ last: 1000 }, NOW)).toEqual({ from: NOW - 1000, to: NOW });
    expect(spanOf({ from: 1, to: 2 }, NOW)).toEqual({ from: 1, to: 2 });
  });

  it("keep the moment below the cursor where it is", () => {
    const span = zoomed({ from: NOW - DAY, to: NOW }, 0.5, NOW - DAY / 4, NOW);
    expect(span.to - span.from).toBe(DAY / 2);
    expect((NOW - DAY / 4 - span.from) / (DAY / 2)).toBeCloseTo(0.75);
  });

  it("are not shorter than a second, and do not lead far into the future", () => {
    const short = zoomed({ from: NOW - 1000, to: NOW }, 0.1, NOW - 500, NOW);
    expect(short.to - short.from).toBe(1000);
    expect(clampSpan({ from: NOW + DAY, to: NOW + 2 * DAY }, NOW).from).toBe(NOW - DAY / 2);
  });

  it("that are too long for an interval get the next one that fits", () => {
    expect(fittingInterval("15m", DAY)).toBe("15m");
    expect(fittingInterval("15m", 365 * DAY)).toBe("day");
    expect(fittingInterval("raw", 365 * DAY)).toBe("raw");
    expect(fittingInterval("15m", 1e7 * DAY)).toBe("year");
  });
});
