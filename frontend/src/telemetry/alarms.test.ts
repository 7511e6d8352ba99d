import { afterEach, describe, expect, it, vi } from "vitest";
import { loadMarks, marksOf, rangeWith, thresholdsOf } from "./alarms";
import { ApiError } from "./api";

const rule = {
  id: "00000000-0000-0000-0000-000000000001",
  datapoint: 7,
  name: "Too hot",
  kind: "outside",
  low: 16,
  high: 25,
  severity: "critical",
  since: "2026-05-04T10:00:00Z",
  version: 1,
  created_at: "2026-05-04T10:00:00Z",
} as const;
const alarm = { datapoint: 7, started_at: "2026-05-04T10:00:00Z", ended_at: null, severity: "critical" };

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("marks of alarms", () => {
  it("are read for the datapoints and the window", async () => {
    const asked: URL[] = [];
    vi.stubGlobal("fetch", (address: string) => {
      const url = new URL(address, "http://site.example");
      asked.push(url);
      return Promise.resolve(Response.json({ results: url.pathname === "/api/alarms/" ? [alarm] : [rule] }));
    });
    const start = Date.UTC(2026, 4, 4);
    const marks = await loadMarks([7, 8], start, new AbortController().signal);
    expect(marks.thresholds.map(({ value }) => value)).toEqual([16, 25]);
    expect(marks.times).toEqual([{ datapoint: 7, start: Date.parse(alarm.started_at), end: null, severity: "critical" }]);
    expect(asked.map((url) => url.searchParams.getAll("datapoint"))).toEqual([["7", "8"], ["7", "8"]]);
    expect(asked.map((url) => [url.searchParams.get("enabled"), url.searchParams.get("start")])).toEqual([
      ["true", null],
      [null, "2026-05-04T00:00:00.000Z"],
    ]);
  });

  it("that can't be read are an error", async () => {
    vi.stubGlobal("fetch", () => Promise.resolve(new Response("", { status: 403 })));
    await expect(loadMarks([7], 0, new AbortController().signal)).rejects.toBeInstanceOf(ApiError);
  });

  it("have lines only where the rule is about values", () => {
    expect(thresholdsOf({ ...rule, kind: "above", low: null }).map(({ value }) => value)).toEqual([25]);
    expect(thresholdsOf({ ...rule, kind: "rate_of_change", low: null })).toEqual([]);
  });

  it("are those of the chart's datapoints", () => {
    const thresholds = thresholdsOf(rule);
    expect(marksOf({ thresholds, times: [] }, new Set([8])).thresholds).toEqual([]);
    expect(marksOf({ thresholds, times: [] }, new Set([7])).thresholds).toEqual(thresholds);
  });

  it("widen the range of values where they are near, and leave it where they are far", () => {
    const thresholds = thresholdsOf(rule);
    expect(rangeWith(18, 23, thresholds)).toEqual([16, 25]);
    expect(rangeWith(23.5, 23.7, thresholds)).toEqual([23.5, 23.7]);
    expect(rangeWith(24, 24, thresholds)).toEqual([24, 25]);
  });
});
