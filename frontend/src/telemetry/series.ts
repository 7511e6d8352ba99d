/** Samples in memory: sorted, without doubles, cut to a window, and laid out for the chart. No drawing here. */
import type { Sample } from "./types";

/** The place of the first sample at or after `time`. */
function lowerBound(samples: readonly Sample[], time: number): number {
  let low = 0;
  let high = samples.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((samples[middle]?.time ?? Infinity) < time) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

export class Series {
  #samples: Sample[] = [];

  get samples(): readonly Sample[] {
    return this.#samples;
  }

  get latest(): Sample | undefined {
    return this.#samples.at(-1);
  }

  /** Adds a sample where its time belongs; one with a known time replaces that one, as a correction would. */
  add(sample: Sample): void {
    const last = this.#samples.at(-1);
    if (!last || sample.time > last.time) {
      this.#samples.push(sample);
      return;
    }
    const place = lowerBound(this.#samples, sample.time);
    const replaced = this.#samples[place]?.time === sample.time ? 1 : 0;
    this.#samples.splice(place, replaced, sample);
  }

  /** Adds many; the history that arrives while live samples already came in. A live value wins over an older answer. */
  merge(history: readonly Sample[]): void {
    const byTime = new Map(history.map((sample) => [sample.time, sample]));
    for (const sample of this.#samples) {
      byTime.set(sample.time, sample);
    }
    this.#samples = [...byTime.values()].sort((one, other) => one.time - other.time);
  }

  /**
   * Forgets what is before `time`, but keeps the newest of those: the line enters the window from the left edge, and a
   * slow datapoint still has a latest value.
   */
  forgetBefore(time: number): void {
    const keepFrom = lowerBound(this.#samples, time) - 1;
    if (keepFrom > 0) {
      this.#samples.splice(0, keepFrom);
    }
  }
}

/** Columns as uPlot takes them: seconds, then one column per series; `undefined` where a series has no sample then. */
export type Columns = [number[], ...(number | undefined)[][]];

/** Lays series of different times side by side over all their times. */
export function align(all: readonly Series[]): Columns {
  const times = [...new Set(all.flatMap((series) => series.samples.map((sample) => sample.time)))].sort((a, b) => a - b);
  const place = new Map(times.map((time, index) => [time, index]));
  const columns = all.map((series) => {
    const column = new Array<number | undefined>(times.length).fill(undefined);
    for (const sample of series.samples) {
      column[place.get(sample.time) ?? 0] = sample.value;
    }
    return column;
  });
  return [times.map((time) => time / 1000), ...columns];
}
