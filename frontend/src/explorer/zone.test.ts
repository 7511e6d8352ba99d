import { describe, expect, it } from "vitest";
import { ceilTo, endOfBucket, floorTo, momentOf, momentOfText, offsetAt, wallText } from "./zone";

const BERLIN = "Europe/Berlin";
const at = (text: string): number => Date.parse(text);
const iso = (time: number): string => new Date(time).toISOString();

describe("clocks on the wall", () => {
  it("are before UTC by the zone's offset, also by half an hour", () => {
    expect(offsetAt(at("2026-07-01T00:00:00Z"), BERLIN)).toBe(7_200_000);
    expect(offsetAt(at("2026-01-01T00:00:00.250Z"), "Asia/Kolkata")).toBe(19_800_000);
  });

  it("show a time twice in autumn, of which the first is meant, and skip one in spring", () => {
    expect(iso(momentOf(at("2026-10-25T02:30:00Z"), BERLIN))).toBe("2026-10-25T00:30:00.000Z");
    expect(iso(momentOf(at("2026-03-29T02:30:00Z"), BERLIN))).toBe("2026-03-29T01:00:00.000Z");
  });

  it("are written and read as text", () => {
    const text = wallText(at("2026-07-01T10:00:00.400Z"), BERLIN);
    expect(text).toBe("2026-07-01T12:00:00");
    expect(momentOfText(text, BERLIN)).toBe(at("2026-07-01T10:00:00Z"));
    expect(momentOfText("", BERLIN)).toBeUndefined();
  });
});

describe("buckets", () => {
  it.each([
    ["15m", "2026-07-01T10:07:00Z", "2026-07-01T10:00:00.000Z", "2026-07-01T10:15:00.000Z"],
    ["hour", "2026-07-01T10:07:00Z", "2026-07-01T10:00:00.000Z", "2026-07-01T11:00:00.000Z"],
    ["day", "2026-10-25T12:00:00Z", "2026-10-24T22:00:00.000Z", "2026-10-25T23:00:00.000Z"],
    ["week", "2026-07-01T10:07:00Z", "2026-06-28T22:00:00.000Z", "2026-07-05T22:00:00.000Z"],
    ["month", "2026-03-15T10:07:00Z", "2026-02-28T23:00:00.000Z", "2026-03-31T22:00:00.000Z"],
    ["year", "2026-03-15T10:07:00Z", "2025-12-31T23:00:00.000Z", "2026-12-31T23:00:00.000Z"],
  ] as const)("of a %s begin and end with the day of the zone", (interval, time, start, end) => {
    expect(iso(floorTo(interval, at(time), BERLIN))).toBe(start);
    expect(iso(endOfBucket(interval, at(start), BERLIN))).toBe(end);
    expect(ceilTo(interval, at(start), BERLIN)).toBe(at(start));
    expect(ceilTo(interval, at(time), BERLIN)).toBe(at(end));
  });
});
