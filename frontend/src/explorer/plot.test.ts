import { describe, expect, it } from "vitest";
import { formatSplits, rangeOfScale, unitsOf } from "./plot";

const at = (text: string): number => Date.parse(text) / 1000;

describe("the chart", () => {
  it("has a scale for each unit", () => {
    const line = (unit: string, index: number) => ({ datapoint: { id: index, name: "", unit }, index });
    expect(unitsOf([line("°C", 0), line("%", 1), line("°C", 2)])).toEqual(["°C", "%"]);
  });

  it("shows thresholds that are near the values", () => {
    const [low, high] = rangeOfScale(20, 22, [23, 500]);
    expect(low).toBeLessThan(20);
    expect(high).toBeGreaterThan(23);
    expect(high).toBeLessThan(24);
    expect(rangeOfScale(null, null, [1])).toEqual([0, 1]);
    expect(rangeOfScale(5, 5, [])[0]).toBeLessThan(5);
  });

  it.each([
    [365 * 86_400, ["2026", "2027"]],
    [31 * 86_400, ["Jan\n2026", "Jan\n2027"]],
    [86_400, ["Jan 1\n2026", "Jan 1\n2027"]],
    [3600, ["12:00 AM\nJan 1", "12:00 AM"]],
    [1, ["12:00:00 AM\nJan 1", "12:00:00 AM"]],
    [0.1, ["00:00.000\nJan 1", "00:00.000"]],
  ])("writes times %d s apart as %j", (increment, texts) => {
    const plain = (text: string): string => text.replaceAll("\u202f", " ");
    expect(formatSplits([at("2026-01-01T00:00:00Z"), at("2027-01-01T00:00:00Z")], increment, "UTC").map(plain)).toEqual(texts);
  });
});
