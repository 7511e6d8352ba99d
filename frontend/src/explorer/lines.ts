/** From points to what is drawn: gaps in lines, steps of buckets, and several series side by side. Pure. */
import type { Points } from "./tiles";

/** A column of a chart: null is a gap, undefined says nothing about that time. */
export interface Column {
  readonly times: readonly number[];
  readonly values: readonly (number | null)[];
}

/** A line breaks where for so many usual distances there is nothing. */
const USUAL_DISTANCES = 12;
const FEW = 8;

function median(numbers: number[]): number {
  const sorted = numbers.sort((one, other) => one - other);
  return sorted[sorted.length >>> 1] ?? 0;
}

/** Samples as a line, broken where a sensor was silent much longer than it usually is, and than `least` seconds. */
export function lineOf({ times, values }: Points, least: number): Column {
  if (times.length < FEW) {
    return { times, values };
  }
  const distances = times.slice(1).map((time, place) => time - (times[place] ?? 0));
  const longest = Math.max(USUAL_DISTANCES * median([...distances]), least);
  if (!distances.some((distance) => distance > longest)) {
    return { times, values };
  }
  const line: { times: number[]; values: (number | null)[] } = { times: [], values: [] };
  times.forEach((time, place) => {
    line.times.push(time);
    line.values.push(values[place] ?? null);
    const distance = distances[place] ?? 0;
    if (distance > longest) {
      line.times.push(time + distance / 2);
      line.values.push(null);
    }
  });
  return line;
}

/** Buckets as steps: each reaches to where it ends (`endOf`), and where none follows there is a gap. */
export function stepsOf({ times, values }: Points, endOf: (start: number) => number): Column {
  const steps: { times: number[]; values: (number | null)[] } = { times: [], values: [] };
  times.forEach((time, place) => {
    const value = values[place] ?? null;
    const next = times[place + 1];
    const end = endOf(time);
    steps.times.push(time);
    steps.values.push(value);
    if (next === undefined || next > end + 1) {
      // A moment before, where the gap itself begins.
      steps.times.push(end - 0.001, end);
      steps.values.push(value, null);
    }
  });
  return steps;
}

/** The same steps with a point at each of these times, so that also within a step there is something to draw. */
export function withPointsAt(steps: Column, at: readonly number[]): Column {
  const extra = at.flatMap((time) => {
    const next = steps.times.findIndex((one) => one > time);
    const value = next > 0 ? steps.values[next - 1] : undefined;
    return value === undefined || value === null ? [] : [{ time, value }];
  });
  const all = steps.times.map((time, place) => ({ time, value: steps.values[place] ?? null }));
  const sorted = [...all, ...extra].sort((one, other) => one.time - other.time);
  return { times: sorted.map(({ time }) => time), values: sorted.map(({ value }) => value) };
}

/** Columns of different times, each sorted, side by side over all their times. */
export function sideBySide(columns: readonly Column[]): [number[], ...(number | null | undefined)[][]] {
  const places = columns.map(() => 0);
  const times: number[] = [];
  const values: (number | null | undefined)[][] = columns.map(() => []);
  for (;;) {
    let next = Infinity;
    columns.forEach((column, which) => {
      next = Math.min(next, column.times[places[which] ?? 0] ?? Infinity);
    });
    if (next === Infinity) {
      return [times, ...values];
    }
    times.push(next);
    columns.forEach((column, which) => {
      const place = places[which] ?? 0;
      if (column.times[place] === next) {
        values[which]?.push(column.values[place]);
        places[which] = place + 1;
        // The same time twice would never end.
        while (column.times[places[which] ?? 0] === next) {
          places[which] = (places[which] ?? 0) + 1;
        }
      } else {
        values[which]?.push(undefined);
      }
    });
  }
}
