/**
 * The values that were read, kept as tiles as maps keep theirs: each level halves the time that a tile covers. What is
 * not there yet is shown from other levels meanwhile.
 */
import type { Interval, Span } from "./view";
import { bucketMs } from "./view";

/** Times in seconds since 1970, as charts take them, and a value for each. */
export interface Points {
  readonly times: readonly number[];
  readonly values: readonly number[];
}

/** Which tile: of a level (its length is 2 ** level seconds), counted from 1970, of what is called `what`. */
export interface TileKey {
  readonly datapoint: number;
  /** The interval, function and zone, as one word. */
  readonly what: string;
  readonly level: number;
  readonly number: number;
}

interface Tile extends Points {
  readonly loadedAt: number;
}

/** How many points of a chart a tile may have; more are not read. */
export const POINTS_OF_TILE = 2000;
const LOWEST_LEVEL = 1;
/** So many levels above and below are looked at for what can be shown meanwhile. */
const LEVELS_AROUND = 8;
const BUCKETS_OF_TILE = 4;
const MOST_TILES = 1500;
const NOTHING: Points = { times: [], values: [] };

/** The level for a range: its tiles are at least half as long, and hold some buckets. */
export function levelFor(lengthMs: number, interval: Interval): number {
  const least = Math.max(lengthMs / 2, interval === "raw" ? 0 : bucketMs[interval] * BUCKETS_OF_TILE) / 1000;
  return Math.max(Math.ceil(Math.log2(least)), LOWEST_LEVEL);
}

/** What a tile covers, in milliseconds. */
export function spanOfTile({ level, number }: Pick<TileKey, "level" | "number">): Span {
  const length = 2 ** level * 1000;
  return { from: number * length, to: (number + 1) * length };
}

/** The numbers of the tiles of a level that meet the range. */
export function numbersIn({ from, to }: Span, level: number): number[] {
  const length = 2 ** level * 1000;
  const first = Math.floor(from / length);
  const last = Math.ceil(to / length) - 1;
  return Array.from({ length: Math.max(last - first + 1, 0) }, (_, place) => first + place);
}

function wordOf({ datapoint, what, level, number }: TileKey): string {
  return `${datapoint} ${what} ${level} ${number}`;
}

function lowerBound(times: readonly number[], time: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] ?? Infinity) < time) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

function cut({ times, values }: Points, { from, to }: Span): Points {
  const first = lowerBound(times, from / 1000);
  const last = lowerBound(times, to / 1000);
  return { times: times.slice(first, last), values: values.slice(first, last) };
}

export function joined(parts: readonly Points[]): Points {
  return { times: parts.flatMap(({ times }) => times), values: parts.flatMap(({ values }) => values) };
}

export class Tiles {
  /** In the order in which they were last looked at. */
  readonly #tiles = new Map<string, Tile>();

  put(key: TileKey, points: Points, loadedAt: number): void {
    const word = wordOf(key);
    this.#tiles.delete(word);
    this.#tiles.set(word, { ...points, loadedAt });
    for (const oldest of this.#tiles.keys()) {
      if (this.#tiles.size <= MOST_TILES) {
        break;
      }
      this.#tiles.delete(oldest);
    }
  }

  /** When the tile was read; undefined where it never was. */
  loadedAt(key: TileKey): number | undefined {
    return this.#tiles.get(wordOf(key))?.loadedAt;
  }

  #get(key: TileKey): Tile | undefined {
    const word = wordOf(key);
    const tile = this.#tiles.get(word);
    if (tile) {
      this.#tiles.delete(word);
      this.#tiles.set(word, tile);
    }
    return tile;
  }

  /** What is known about the time of a tile: it itself, else what longer or shorter ones say. */
  best(key: TileKey): Points {
    const exact = this.#get(key);
    if (exact) {
      return exact;
    }
    for (let up = 1; up <= LEVELS_AROUND; up++) {
      const longer = this.#get({ ...key, level: key.level + up, number: Math.floor(key.number / 2 ** up) });
      if (longer) {
        return cut(longer, spanOfTile(key));
      }
    }
    return this.#shorter(key, 3);
  }

  #shorter(key: TileKey, depth: number): Points {
    if (depth === 0 || key.level <= LOWEST_LEVEL) {
      return NOTHING;
    }
    const halves = [0, 1].map((half) => ({ ...key, level: key.level - 1, number: key.number * 2 + half }));
    return joined(halves.map((half) => this.#get(half) ?? this.#shorter(half, depth - 1)));
  }
}
