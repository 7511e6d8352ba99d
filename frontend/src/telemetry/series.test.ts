import { describe, expect, it } from "vitest";
import { align, Series } from "./series";

function seriesOf(...samples: [time: number, value: number][]): Series {
  const series = new Series();
  for (const [time, value] of samples) {
    series.add({ time, value });
  }
  return series;
}

const pairs = (series: Series): number[][] => series.samples.map(({ time, value }) => [time, value]);

describe("Series", () => {
  it("keeps samples in the order of their times, whenever they arrive", () => {
    expect(pairs(seriesOf([3, 30], [1, 10], [2, 20]))).toEqual([[1, 10], [2, 20], [3, 30]]);
  });

  it("takes a second value of the same time as a correction", () => {
    expect(pairs(seriesOf([1, 10], [2, 20], [1, 11], [2, 21]))).toEqual([[1, 11], [2, 21]]);
  });

  it("merges the past with what came in live meanwhile, and the live value wins", () => {
    const series = seriesOf([2, 22], [4, 40]);
    series.merge([{ time: 1, value: 10 }, { time: 2, value: 20 }, { time: 3, value: 30 }]);
    expect(pairs(series)).toEqual([[1, 10], [2, 22], [3, 30], [4, 40]]);
  });

  it("forgets what left the window but one sample, from which the line enters", () => {
    const series = seriesOf([1, 10], [2, 20], [3, 30], [4, 40]);
    series.forgetBefore(3.5);
    expect(pairs(series)).toEqual([[3, 30], [4, 40]]);
    series.forgetBefore(100);
    expect(pairs(series)).toEqual([[4, 40]]);
    expect(series.latest).toEqual({ time: 4, value: 40 });
  });

  it("has no latest value while it is empty", () => {
    const series = new Series();
    series.forgetBefore(10);
    expect(series.latest).toBeUndefined();
  });
});

describe("align", () => {
  it("lays series of different times over all their times, in seconds", () => {
    expect(align([seriesOf([1000, 1], [3000, 3]), seriesOf([2000, 2], [3000, 4])])).toEqual([
      [1, 2, 3],
      [1, undefined, 3],
      [undefined, 2, 4],
    ]);
  });

  it("makes empty columns of nothing", () => {
    expect(align([new Series()])).toEqual([[], []]);
  });
});
