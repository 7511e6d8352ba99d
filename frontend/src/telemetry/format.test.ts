import type uPlot from "uplot";
import { afterEach, describe, expect, it } from "vitest";
import { formatAge, formatMoment, formatTick, formatValue, formatWithUnit } from "./format";
import { NO_MARKS } from "./alarms";
import { groupByUnit, nearestIndex, plotOptions, swatchClass, withAlpha } from "./plot";

afterEach(() => {
  document.documentElement.lang = "";
  delete document.documentElement.dataset["timeZone"];
});

describe("formatValue", () => {
  it.each([
    [0.012345, "0.0123"],
    [21.456, "21.46"],
    [-21.456, "-21.46"],
    [101.325, "101.3"],
    [101_325.4, "101,325"],
  ])("writes %d as %s", (value, text) => {
    expect(formatValue(value)).toBe(text);
  });

  it("follows the language of the page", () => {
    document.documentElement.lang = "ru";
    expect(formatWithUnit(21.5, "°C")).toBe("21,5\u202f°C");
    expect(formatAge(0, 120_000)).toMatch(/^2 мин\.? назад$/);
  });

  it("leaves out a unit that is not there", () => {
    expect(formatWithUnit(3, "")).toBe("3");
  });
});

describe("formatAge", () => {
  it.each([
    [1000, "just now"],
    [59_000, "59 sec ago"],
    [60_000, "1 min ago"],
    [7_200_000, "2 hr ago"],
    [200_000_000, "2 days ago"],
  ])("after %d ms says %s", (age, text) => {
    // Versions of the Unicode data differ in the point after an abbreviation.
    expect(formatAge(0, age).replace(".", "")).toBe(text);
  });
});

describe("times", () => {
  const noon = Date.UTC(2026, 10, 20, 12);

  it("are shown in the time zone of the page", () => {
    document.documentElement.dataset["timeZone"] = "Asia/Kolkata";
    expect(formatMoment(noon)).toContain("5:30:00");
    document.documentElement.dataset["timeZone"] = "Europe/Berlin";
    expect(formatMoment(noon)).toContain("1:00:00");
  });

  it.each([
    [5, 300, "12:00:05"],
    [600, 3600, "12:00"],
    [3600, 604_800, "Fri"],
    [86_400, 2_600_000, "Nov 20"],
  ])("with ticks every %d s over %d s say %s", (increment, windowS, text) => {
    document.documentElement.dataset["timeZone"] = "UTC";
    expect(formatTick(noon + (increment < 60 ? 5000 : 0), increment, windowS)).toContain(text);
  });
});

describe("plot", () => {
  it("shows samples as points where there are hardly any between two places", () => {
    const lines = groupByUnit([{ id: 1, name: "Temperature", unit: "°C" }])[0] ?? [];
    const points = plotOptions(lines, 3600, { width: 600, height: 200 }, () => NO_MARKS).series[1]?.points;
    const plot = { data: [[1, 2, 3, 4, 5, 6], [1, 2, undefined, 3, null, 4]] } as unknown as uPlot;
    const isShown = (first: number, last: number): unknown =>
      typeof points?.show === "function" && points.show(plot, 1, first, last);
    expect([isShown(0, 4), isShown(0, 5), isShown(5, 5)]).toEqual([true, false, true]);
  });

  it("finds the nearest value to the cursor on either side", () => {
    const column = [1, undefined, undefined, undefined, 5];
    expect([0, 1, 2, 3, 4].map((index) => nearestIndex(column, index))).toEqual([0, 0, 0, 4, 4]);
    expect(nearestIndex([], 3)).toBe(3);
    expect(nearestIndex(undefined, 3)).toBe(3);
  });

  it("puts datapoints of one unit on one chart and keeps their colours", () => {
    const of = (unit: string) => ({ id: 1, name: "", unit });
    const groups = groupByUnit([of("°C"), of("%"), of("°C")]);
    expect(groups.map((lines) => lines.map(({ index }) => index))).toEqual([[0, 2], [1]]);
  });

  it("hands out six colours in turn", () => {
    expect(swatchClass(6)).toBe(swatchClass(0));
    expect(new Set([0, 1, 2, 3, 4, 5].map(swatchClass)).size).toBe(6);
  });

  it("thins colours of the theme for the ground under a line", () => {
    expect(withAlpha("oklch(52% 0.12 163)", 0.1)).toBe("oklch(52% 0.12 163 / 0.1)");
    expect(withAlpha("gray", 0.1)).toBe("gray");
  });
});
