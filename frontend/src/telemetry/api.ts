/** Reads the past of a datapoint from the API, page by page. */
import type { Sample } from "./types";

const PAGE_SIZE = 5000;
/** A chart is some hundred pixels wide; beyond this, older samples add nothing that could be seen. */
const MAX_PAGES = 10;

interface TimeseriesPage {
  readonly results: readonly { readonly ts: string; readonly value: number | null }[];
  readonly next: string | null;
}

function isTimeseriesPage(body: unknown): body is TimeseriesPage {
  return typeof body === "object" && body !== null && "results" in body && Array.isArray(body.results);
}

/** What the API said in words when a request failed (problem+json), or its status. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

async function readPage(url: URL, signal: AbortSignal): Promise<TimeseriesPage> {
  const response = await fetch(url, { headers: { Accept: "application/json" }, credentials: "same-origin", signal });
  const body: unknown = await response.json().catch(() => null);
  if (!response.ok) {
    const detail = typeof body === "object" && body !== null && "detail" in body ? body.detail : null;
    throw new ApiError(response.status, typeof detail === "string" ? detail : response.statusText);
  }
  if (!isTimeseriesPage(body)) {
    throw new ApiError(response.status, "not a time series");
  }
  return body;
}

/** The samples of `datapoint` in [start, end) (milliseconds), oldest first. Raises ApiError, or AbortError by `signal`. */
export async function loadHistory(datapoint: number, start: number, end: number, signal: AbortSignal): Promise<Sample[]> {
  const first = new URL(`/api/datapoints/${datapoint}/timeseries/`, location.origin);
  first.searchParams.set("start", new Date(start).toISOString());
  first.searchParams.set("end", new Date(end).toISOString());
  first.searchParams.set("limit", String(PAGE_SIZE));

  const samples: Sample[] = [];
  let url: URL | null = first;
  for (let page = 0; url && page < MAX_PAGES; page++) {
    const body: TimeseriesPage = await readPage(url, signal);
    for (const { ts, value } of body.results) {
      if (value !== null) {
        samples.push({ time: Date.parse(ts), value });
      }
    }
    // Behind a proxy the API may name another origin; only the path and query are taken from it.
    const next: URL | null = body.next ? new URL(body.next, first) : null;
    url = next ? new URL(next.pathname + next.search, location.origin) : null;
  }
  return samples.sort((one, other) => one.time - other.time);
}
