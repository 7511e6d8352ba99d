import { describe, expect, it } from "vitest";
import { lineOf, sideBySide, stepsOf, withPointsAt } from "./lines";
import { levelFor, numbersIn, spanOfTile, Tiles } from "./tiles";
import type { TileKey } from "./tiles";

const key = (level: number, number: number): TileKey => ({ datapoint: 1, what: "raw", level, number });
const points = (...times: number[]) => ({ times, values: times.map((time) => time * 10) });

describe("tiles", () => {
  it("of a level cover a range two or three at a time", () => {
    const hour = 3_600_000;
    const level = levelFor(hour, "raw");
    expect(level).toBe(11);
    expect(numbersIn({ from: 0, to: hour }, level)).toEqual([0, 1]);
    expect(spanOfTile({ level, number: 1 })).toEqual({ from: 2_048_000, to: 4_096_000 });
    expect(levelFor(hour, "day")).toBe(19);
    expect(levelFor(1000, "raw")).toBe(1);
  });

  it("are replaced by longer ones, cut, while they are missing", () => {
    const tiles = new Tiles();
    tiles.put(key(4, 0), points(1, 7, 8, 15), 1);
    expect(tiles.best(key(3, 1))).toEqual(points(8, 15));
    tiles.put(key(3, 1), points(8, 11, 15), 2);
    expect(tiles.best(key(3, 1)).times).toEqual([8, 11, 15]);
    expect(tiles.loadedAt(key(3, 1))).toBe(2);
  });

  it("are put together from shorter ones while they are missing", () => {
    const tiles = new Tiles();
    tiles.put(key(3, 0), points(1, 2), 1);
    tiles.put(key(2, 3), points(13), 1);
    expect(tiles.best(key(4, 0))).toEqual(points(1, 2, 13));
    expect(tiles.best(key(4, 5))).toEqual(points());
  });

  it("that nobody looked at for long are forgotten", () => {
    const tiles = new Tiles();
    for (let number = 0; number <= 1500; number++) {
      tiles.put(key(3, number), points(number * 8), 1);
      tiles.best(key(3, 0));
    }
    expect([0, 1, 2].map((number) => tiles.loadedAt(key(3, number)))).toEqual([1, undefined, 1]);
  });
});

describe("lines", () => {
  it("break where a sensor was silent for long", () => {
    const times = [0, 1, 2, 3, 4, 5, 6, 7, 60, 61];
    expect(lineOf(points(...times), 0).values.indexOf(null)).toBe(8);
    expect(lineOf(points(...times), 100).values).not.toContain(null);
    expect(lineOf(points(0, 60), 0).values).toEqual([0, 600]);
  });

  it("of buckets are steps that end where no bucket follows", () => {
    const steps = stepsOf(points(0, 10, 30), (start) => start + 10);
    expect(steps.times).toEqual([0, 10, 19.999, 20, 30, 39.999, 40]);
    expect(steps.values).toEqual([0, 100, 100, null, 300, 300, null]);
  });

  it("have something to draw also within a step, but not in a gap", () => {
    const steps = stepsOf(points(0, 30), (start) => start + 10);
    const longer = withPointsAt(steps, [4, 25]);
    expect(longer.times).toEqual([0, 4, 9.999, 10, 30, 39.999, 40]);
    expect(longer.values[1]).toBe(0);
  });

  it("of different times lie side by side", () => {
    expect(sideBySide([points(1, 3), { times: [2, 3, 3], values: [5, null, 6] }])).toEqual([
      [1, 2, 3],
      [10, undefined, 30],
      [undefined, 5, null],
    ]);
    expect(sideBySide([])).toEqual([[]]);
  });
});
