/** What the explorer asks the API: tiles, datapoints, alarm rules and the first sample. */
import { ApiError } from "../telemetry/api";
import { POINTS_OF_TILE } from "./tiles";
import type { Points } from "./tiles";
import { bucketMs, isoOf } from "./view";
import type { AggregateFunction, Interval, Span } from "./view";

/** A datapoint as the API describes it, as far as it is shown. */
export interface Described {
  readonly id: number;
  readonly name: string;
  readonly unit: string;
  readonly project_name: string;
  readonly object_name: string | null;
  readonly latest: { readonly ts: string; readonly value: number } | null;
}

/** Where an alarm begins. */
export interface Threshold {
  readonly rule: string;
  readonly datapoint: number;
  readonly name: string;
  readonly value: number;
  readonly isUpper: boolean;
  readonly severity: "info" | "warning" | "critical";
}

function member(body: unknown, name: string): unknown {
  return typeof body === "object" && body !== null ? (body as Record<string, unknown>)[name] : undefined;
}

async function read(path: string, signal?: AbortSignal): Promise<unknown> {
  const response = await fetch(path, {
    headers: { Accept: "application/json" },
    credentials: "same-origin",
    ...(signal ? { signal } : {}),
  });
  const body: unknown = await response.json().catch(() => null);
  if (!response.ok) {
    const detail = member(body, "detail") ?? member(body, "title");
    throw new ApiError(response.status, typeof detail === "string" ? detail : response.statusText);
  }
  return body;
}

function rowsOf(body: unknown, name: string): readonly unknown[] {
  const rows = member(body, name);
  return Array.isArray(rows) ? (rows as unknown[]) : [];
}

/** What is asked of series: the samples, or a function of the buckets of a zone. */
export interface Asked {
  readonly interval: Interval;
  readonly fn: AggregateFunction;
  readonly zone: string;
}

/** The same word for the same question; of samples neither function nor zone matters. */
export function wordOfAsked({ interval, fn, zone }: Asked): string {
  return interval === "raw" ? interval : `${interval} ${fn} ${zone}`;
}

/** The query string of a question about a range. */
export function parametersOf(datapoints: readonly number[], { from, to }: Span, asked: Asked): URLSearchParams {
  const parameters = new URLSearchParams({ datapoints: datapoints.join(","), start: isoOf(from), end: isoOf(to) });
  if (asked.interval !== "raw") {
    parameters.set("interval", asked.interval);
    parameters.set("tz", asked.zone);
    parameters.set("functions", asked.fn);
  }
  return parameters;
}

/** The points of each datapoint in the range of a tile: few that draw the line of samples, or whole buckets. */
export async function readTile(
  datapoints: readonly number[],
  span: Span,
  asked: Asked,
  signal: AbortSignal,
): Promise<Map<number, Points>> {
  // A bucket that the range cuts would hold only what is inside, so more is asked and the cut ones are left out.
  const margin = asked.interval === "raw" ? 0 : bucketMs[asked.interval] + 2 * 3_600_000;
  const parameters = parametersOf(datapoints, { from: span.from - margin, to: span.to + margin }, asked);
  if (asked.interval === "raw") {
    parameters.set("max_points", String(POINTS_OF_TILE));
  }
  const body = await read(`/api/timeseries/query/?${parameters.toString()}`, signal);
  const found = new Map<number, Points>();
  for (const series of rowsOf(body, "series")) {
    const times: number[] = [];
    const values: number[] = [];
    for (const row of rowsOf(series, "results")) {
      const time = Date.parse(String(member(row, "ts")));
      const value = member(row, asked.interval === "raw" ? "value" : asked.fn);
      if (typeof value === "number" && time >= span.from && time < span.to) {
        times.push(time / 1000);
        values.push(value);
      }
    }
    found.set(Number(member(series, "datapoint")), { times, values });
  }
  return found;
}

export interface Page {
  readonly rows: readonly Described[];
  readonly next: string | null;
}

/** Datapoints: those that a search finds, or those of one place; `next` of a page leads on. */
export async function readDatapoints(parameters: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<Page> {
  const query = new URLSearchParams({ page_size: "50", ...parameters });
  return readPage(`/api/datapoints/?${query.toString()}`, signal);
}

/** The page at the address that an earlier page gave. */
export async function readPage(address: string, signal?: AbortSignal): Promise<Page> {
  // Behind a proxy the API may name another origin; only the path and query are taken from it.
  const url = new URL(address, location.origin);
  const body = await read(url.pathname + url.search, signal);
  const next = member(body, "next");
  return { rows: rowsOf(body, "results") as readonly Described[], next: typeof next === "string" ? next : null };
}

/** The thresholds of the datapoints' alarm rules that are enabled. */
export async function readThresholds(datapoints: readonly number[], signal: AbortSignal): Promise<Threshold[]> {
  const query = new URLSearchParams(datapoints.map((id) => ["datapoint", String(id)]));
  query.set("enabled", "true");
  query.set("page_size", "200");
  const body = await read(`/api/alarm-rules/?${query.toString()}`, signal);
  return rowsOf(body, "results").flatMap((rule) => {
    const kind = member(rule, "kind");
    if (kind !== "above" && kind !== "below" && kind !== "outside") {
      return [];
    }
    return (["low", "high"] as const).flatMap((side) => {
      const value = member(rule, side);
      return typeof value === "number"
        ? [
            {
              rule: String(member(rule, "id")),
              datapoint: Number(member(rule, "datapoint")),
              name: String(member(rule, "name")),
              value,
              isUpper: side === "high",
              severity: member(rule, "severity") as Threshold["severity"],
            },
          ]
        : [];
    });
  });
}

/** The time of the first sample of all these datapoints; undefined where there is none. */
export async function readFirstTime(datapoints: readonly number[]): Promise<number | undefined> {
  const body = await read(`/api/timeseries/query/?${new URLSearchParams({ datapoints: datapoints.join(","), limit: "1" }).toString()}`);
  const times = rowsOf(body, "series").flatMap((series) =>
    rowsOf(series, "results").map((row) => Date.parse(String(member(row, "ts")))),
  );
  return times.length > 0 ? Math.min(...times) : undefined;
}

/** Where the whole of what is asked can be had as a file. */
export function exportAddress(datapoints: readonly number[], span: Span, asked: Asked, format: "csv" | "ndjson"): string {
  const parameters = parametersOf(datapoints, span, asked);
  parameters.set("format", format);
  return `/live/telemetry/export/?${parameters.toString()}`;
}
