import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { readTile } from "./api";
import { Loader, refreshMs } from "./loader";
import type { Points } from "./tiles";

const NOW = Date.UTC(2026, 10, 20, 12);
const HOUR = 3_600_000;
const RAW = { interval: "raw", fn: "avg", zone: "UTC" } as const;
const past = { from: NOW - 1000 * HOUR, to: NOW - 999 * HOUR };
let read: ReturnType<typeof vi.fn<typeof readTile>>;
let loader: Loader;

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  read = vi.fn<typeof readTile>((ids) =>
    Promise.resolve(new Map<number, Points>(ids.map((id) => [id, { times: [1], values: [id] }]))),
  );
  loader = new Loader(read);
});

afterEach(() => {
  loader.stop();
  vi.useRealTimers();
});

const settle = () => vi.advanceTimersByTimeAsync(100);
const spans = () => read.mock.calls.map(([, { from, to }]) => (to - from) / 1000);

describe("loader", () => {
  it("reads what is seen, then what is beside it, and nothing twice", async () => {
    loader.want([1, 2], past, RAW);
    expect(loader.state().loading).toBe(true);
    await settle();
    const first = read.mock.calls.length;
    expect(first).toBeGreaterThanOrEqual(4);
    expect(read.mock.calls[0]?.[0]).toEqual([1, 2]);
    expect(new Set(spans())).toEqual(new Set([2048]));
    expect(loader.state().loading).toBe(false);
    loader.want([1, 2, 3], past, RAW);
    await settle();
    expect(read.mock.calls.slice(first).map(([ids]) => ids)).toEqual(Array.from({ length: first }, () => [3]));
  });

  it("asks nothing for what was passed over quickly, and drops what is out of sight", async () => {
    loader.want([1], past, RAW);
    loader.want([1], { from: 0, to: HOUR }, RAW);
    const signals: AbortSignal[] = [];
    read.mockImplementation((_ids, _span, _asked, signal) => {
      signals.push(signal);
      return new Promise(() => undefined);
    });
    await settle();
    expect(read.mock.calls.every(([, { to }]) => to < 3 * HOUR)).toBe(true);
    loader.want([1], past, RAW);
    expect(signals.every(({ aborted }) => aborted)).toBe(true);
  });

  it("reads again what goes on, sooner the shorter the time, but leaves the past alone", async () => {
    expect([refreshMs(1000), refreshMs(HOUR), refreshMs(1e12)]).toEqual([2000, 12_000, 60_000]);
    const recent = { from: NOW - HOUR, to: NOW };
    loader.want([1], recent, RAW);
    await settle();
    const before = read.mock.calls.length;
    await vi.advanceTimersByTimeAsync(13_000);
    loader.want([1], { from: Date.now() - HOUR, to: Date.now() }, RAW);
    await settle();
    const again = read.mock.calls.slice(before);
    expect(again.length).toBeGreaterThan(0);
    expect(again.every(([, { to }]) => to > NOW - 60_000)).toBe(true);
  });

  it("tells why something can't be read, and tries again", async () => {
    const told = vi.fn();
    const unsubscribe = loader.subscribe(told);
    read.mockRejectedValue(new Error("the disk is full"));
    loader.want([1], past, RAW);
    await settle();
    expect(loader.state().failure).toBe("the disk is full");
    read.mockResolvedValue(new Map());
    loader.retry();
    await settle();
    expect(loader.state()).toMatchObject({ failure: null, loading: false });
    expect(told).toHaveBeenCalled();
    unsubscribe();
  });
});
