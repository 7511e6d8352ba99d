/** Times on the wall of a time zone: which moment they are, and where hours, days and months begin. */
import type { Interval } from "./view";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** 1970 began on a Thursday. */
const MONDAY_MS = 4 * DAY_MS;

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
      era: "short",
    });
    formats.set(zone, format);
  }
  return format;
}

/** How far the zone is before UTC at this moment, in milliseconds. */
export function offsetAt(time: number, zone: string): number {
  const second = Math.floor(time / 1000) * 1000;
  const parts = Object.fromEntries(formatOf(zone).formatToParts(second).map(({ type, value }) => [type, value]));
  const number = (name: string): number => Number(parts[name]);
  const wall = Date.UTC(number("year"), number("month") - 1, number("day"), number("hour"), number("minute"), number("second"));
  return wall - second;
}

/** What a clock on the wall shows, as if it were UTC. */
export function wallOf(time: number, zone: string): number {
  return time + offsetAt(time, zone);
}

/** The moment at which a clock on the wall shows this; of two the first, in a gap the first moment behind it. */
export function momentOf(wall: number, zone: string): number {
  // A change of the clock lies between these two, if there is one near.
  const candidates = [offsetAt(wall - DAY_MS, zone), offsetAt(wall + DAY_MS, zone)].map((offset) => wall - offset);
  const found = candidates.filter((time) => wallOf(time, zone) === wall);
  return found.length > 0 ? Math.min(...found) : changeBetween(Math.min(...candidates), Math.max(...candidates), zone);
}

function changeBetween(low: number, high: number, zone: string): number {
  const before = offsetAt(low, zone);
  let [start, end] = [low, high];
  while (end - start > 1000) {
    const middle = Math.floor((start + end) / 2000) * 1000;
    if (middle <= start) {
      break;
    }
    [start, end] = offsetAt(middle, zone) === before ? [middle, end] : [start, middle];
  }
  return end;
}

/** Where the bucket begins that holds this moment. */
export function floorTo(interval: Exclude<Interval, "raw">, time: number, zone: string): number {
  const wall = wallOf(time, zone);
  const date = new Date(wall);
  switch (interval) {
    case "15m":
      return time - (wall % (15 * MINUTE_MS));
    case "hour":
      return time - (wall % HOUR_MS);
    case "day":
      return momentOf(Math.floor(wall / DAY_MS) * DAY_MS, zone);
    case "week":
      return momentOf(Math.floor((wall - MONDAY_MS) / (7 * DAY_MS)) * 7 * DAY_MS + MONDAY_MS, zone);
    case "month":
      return momentOf(Date.UTC(date.getUTCFullYear(), date.getUTCMonth()), zone);
    case "year":
      return momentOf(Date.UTC(date.getUTCFullYear(), 0), zone);
  }
}

/** From any moment of a bucket, so far ahead lies some moment of the next one, when counted from where it begins. */
const INTO_THE_NEXT_MS: Readonly<Record<Exclude<Interval, "raw">, number>> = {
  "15m": 20 * MINUTE_MS,
  hour: 1.5 * HOUR_MS,
  day: 36 * HOUR_MS,
  week: 10 * DAY_MS,
  month: 45 * DAY_MS,
  year: 500 * DAY_MS,
};

/** Where the bucket ends that begins at `start`. */
export function endOfBucket(interval: Exclude<Interval, "raw">, start: number, zone: string): number {
  return floorTo(interval, start + INTO_THE_NEXT_MS[interval], zone);
}

/** The same moment where a bucket begins there, else where the next one begins. */
export function ceilTo(interval: Exclude<Interval, "raw">, time: number, zone: string): number {
  const start = floorTo(interval, time, zone);
  return start === time ? time : endOfBucket(interval, start, zone);
}

/** As `<input type="datetime-local">` writes times. */
export function wallText(time: number, zone: string): string {
  return new Date(wallOf(Math.round(time / 1000) * 1000, zone)).toISOString().slice(0, 19);
}

/** The moment that such a text means; undefined where it is none. */
export function momentOfText(text: string, zone: string): number | undefined {
  const wall = Date.parse(`${text}Z`);
  return Number.isNaN(wall) ? undefined : momentOf(wall, zone);
}
