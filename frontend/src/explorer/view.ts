/** What the explorer shows, as it stands in the page's address; no drawing and no requests here. */

const SECOND_MS = 1000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Lengths of buckets, as the API calls them; `raw` are the samples themselves. */
export const intervals = ["raw", "15m", "hour", "day", "week", "month", "year"] as const;
export type Interval = (typeof intervals)[number];

export const functions = ["avg", "min", "max", "sum", "count", "first", "last"] as const;
export type AggregateFunction = (typeof functions)[number];

/** A range of time in milliseconds since 1970. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A fixed range, or the last so many milliseconds, which move on. */
export type Range = Span | { readonly last: number };

export interface View {
  readonly datapoints: readonly number[];
  readonly range: Range;
  readonly interval: Interval;
  readonly fn: AggregateFunction;
  readonly zone: string;
}

export const SHORTEST_MS = SECOND_MS;
/** No sample is older than 1970. */
export const LONGEST_MS = 100 * 365.25 * DAY_MS;
export const DEFAULT_LAST_MS = DAY_MS;

/** How long a bucket is about; of months and years the longest. */
export const bucketMs: Readonly<Record<Exclude<Interval, "raw">, number>> = {
  "15m": HOUR_MS / 4,
  hour: HOUR_MS,
  day: DAY_MS,
  week: 7 * DAY_MS,
  month: 31 * DAY_MS,
  year: 366 * DAY_MS,
};

/** More buckets than this on one chart are no longer told apart. */
const MOST_BUCKETS = 3000;

/** The asked interval, or the next longer one of which a range of this length has not too many. */
export function fittingInterval(asked: Interval, lengthMs: number): Interval {
  if (asked === "raw") {
    return asked;
  }
  const longer = intervals.slice(intervals.indexOf(asked)) as Exclude<Interval, "raw">[];
  return longer.find((interval) => lengthMs / bucketMs[interval] <= MOST_BUCKETS) ?? "year";
}

/** The range as it is at this moment. */
export function spanOf(range: Range, now: number): Span {
  return "last" in range ? { from: now - range.last, to: now } : range;
}

/** A range of a length that can be shown, around the same middle, not far in the future and not before 1970. */
export function clampSpan({ from, to }: Span, now: number): Span {
  const length = Math.min(Math.max(to - from, SHORTEST_MS), LONGEST_MS);
  const middle = (from + to) / 2;
  const start = Math.min(Math.max(middle - length / 2, -length / 2), now - length / 2);
  return { from: start, to: start + length };
}

/** Longer by `factor`, or shorter where it is less than 1; the moment `around` stays where it is on the chart. */
export function zoomed({ from, to }: Span, factor: number, around: number, now: number): Span {
  const length = Math.min(Math.max((to - from) * factor, SHORTEST_MS), LONGEST_MS);
  const share = (around - from) / (to - from);
  const start = around - length * share;
  return clampSpan({ from: start, to: start + length }, now);
}

function oneOf<T extends string>(known: readonly T[], text: string | null): T | undefined {
  return known.find((one) => one === text);
}

function rangeOf(parameters: URLSearchParams): Range {
  const from = Date.parse(parameters.get("from") ?? "");
  const to = Date.parse(parameters.get("to") ?? "");
  if (from < to) {
    return { from, to: Math.max(to, from + SHORTEST_MS) };
  }
  const last = Number(parameters.get("last")) * SECOND_MS;
  return { last: last >= SHORTEST_MS && last <= LONGEST_MS ? last : DEFAULT_LAST_MS };
}

/** What an address asks for; what it says nothing sensible about is as it is at first. */
export function viewOf(search: string, zones: readonly string[], ownZone: string, most: number): View {
  const parameters = new URLSearchParams(search);
  const ids = (parameters.get("datapoints") ?? "").split(",").filter((part) => /^\d{1,15}$/.test(part));
  return {
    datapoints: [...new Set(ids.map(Number))].slice(0, most),
    range: rangeOf(parameters),
    interval: oneOf(intervals, parameters.get("interval")) ?? "raw",
    fn: oneOf(functions, parameters.get("function")) ?? "avg",
    zone: oneOf(zones, parameters.get("tz")) ?? ownZone,
  };
}

/** The view as the query of an address; what is as it is at first is left out. */
export function searchOf(view: View, ownZone: string): string {
  const parts: string[] = [];
  if (view.datapoints.length > 0) {
    parts.push(`datapoints=${view.datapoints.join(",")}`);
  }
  if ("last" in view.range) {
    if (view.range.last !== DEFAULT_LAST_MS) {
      parts.push(`last=${view.range.last / SECOND_MS}`);
    }
  } else {
    parts.push(`from=${isoOf(view.range.from)}`, `to=${isoOf(view.range.to)}`);
  }
  if (view.interval !== "raw") {
    parts.push(`interval=${view.interval}`, `function=${view.fn}`);
  }
  if (view.zone !== ownZone) {
    parts.push(`tz=${view.zone}`);
  }
  return parts.length > 0 ? `?${parts.join("&")}` : "";
}

/** A time as the API takes it. */
export function isoOf(time: number): string {
  return new Date(time).toISOString();
}
