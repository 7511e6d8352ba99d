/** The thresholds of alarm rules and the times of alarms: read from the API, and drawn on a chart. */
import uPlot from "uplot";
import type { components } from "../client/schema";
import { ApiError } from "./api";

type Schemas = components["schemas"];
export type Severity = Schemas["AlarmSeverityEnum"];

const MOST = 200;
/** A threshold further from the values than the values are from each other would flatten them, so it is not shown. */
const REACH = 1;
const SHADE = 0.13;
const EDGE = 0.55;

/** A value that a datapoint is not to cross. */
export interface Threshold {
  readonly datapoint: number;
  readonly value: number;
  readonly name: string;
  readonly severity: Severity;
}

/** When an alarm was on, in milliseconds since 1970; `end` is null while it is. */
export interface AlarmTime {
  readonly datapoint: number;
  readonly start: number;
  readonly end: number | null;
  readonly severity: Severity;
}

export interface AlarmMarks {
  readonly thresholds: readonly Threshold[];
  readonly times: readonly AlarmTime[];
}

export const NO_MARKS: AlarmMarks = { thresholds: [], times: [] };

async function readList<Item>(path: string, query: URLSearchParams, signal: AbortSignal): Promise<readonly Item[]> {
  const address = `${path}?${query.toString()}`;
  const response = await fetch(address, { headers: { Accept: "application/json" }, credentials: "same-origin", signal });
  if (!response.ok) {
    throw new ApiError(response.status, response.statusText);
  }
  return ((await response.json()) as { readonly results: readonly Item[] }).results;
}

/** What is to be marked on a chart of these datapoints that begins at `start`. Raises ApiError, or AbortError by `signal`. */
export async function loadMarks(datapoints: readonly number[], start: number, signal: AbortSignal): Promise<AlarmMarks> {
  const query = new URLSearchParams([...datapoints.map((id) => ["datapoint", String(id)]), ["page_size", String(MOST)]]);
  const watching = new URLSearchParams([...query, ["enabled", "true"]]);
  const since = new URLSearchParams([...query, ["start", new Date(start).toISOString()]]);
  const [rules, alarms] = await Promise.all([
    readList<Schemas["AlarmRule"]>("/api/alarm-rules/", watching, signal),
    readList<Schemas["Alarm"]>("/api/alarms/", since, signal),
  ]);
  return {
    thresholds: rules.flatMap(thresholdsOf),
    times: alarms.map(({ datapoint, started_at, ended_at, severity }) => ({
      datapoint,
      start: Date.parse(started_at),
      end: ended_at ? Date.parse(ended_at) : null,
      severity,
    })),
  };
}

/** The lines of a rule; a rate and a silence have none on the axis of values. */
export function thresholdsOf({ datapoint, name, kind, low, high, severity }: Schemas["AlarmRule"]): Threshold[] {
  if (kind === "rate_of_change" || kind === "silent_for") {
    return [];
  }
  return [low, high].flatMap((value) =>
    typeof value === "number" ? [{ datapoint, value, name, severity: severity ?? "warning" }] : [],
  );
}

/** The marks of some of the datapoints. */
export function marksOf({ thresholds, times }: AlarmMarks, datapoints: ReadonlySet<number>): AlarmMarks {
  return {
    thresholds: thresholds.filter(({ datapoint }) => datapoints.has(datapoint)),
    times: times.filter(({ datapoint }) => datapoints.has(datapoint)),
  };
}

/** The range of values, made wide enough for thresholds that are near. */
export function rangeWith(low: number, high: number, thresholds: readonly Threshold[]): [number, number] {
  const reach = REACH * (high - low || Math.abs(high) * 0.1 || 1);
  const near = thresholds.map(({ value }) => value).filter((value) => value >= low - reach && value <= high + reach);
  return [Math.min(low, ...near), Math.max(high, ...near)];
}

/** What uPlot needs to know of the axis of values so that it shows `rangeWith`. */
export function valueRange(read: () => AlarmMarks): uPlot.Scale.Range {
  return (_plot, low, high) => {
    // Without any value there is no range; uPlot says so by null, whatever its types say.
    if ((low as number | null) === null || (high as number | null) === null) {
      return [low, high];
    }
    return uPlot.rangeNum(...rangeWith(low, high, read().thresholds), 0.1, true);
  };
}

/** Shades the times of alarms behind the series, and draws the thresholds over them. */
export function alarmPlugin(read: () => AlarmMarks, text: string): uPlot.Plugin {
  const colourOf = (severity: Severity): string => {
    const name = { info: "--color-info", warning: "--color-warning", critical: "--color-error" }[severity];
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  };
  return {
    hooks: {
      drawClear: (plot) => {
        const { ctx, bbox } = plot;
        const right = bbox.left + bbox.width;
        ctx.save();
        for (const { start, end, severity } of read().times) {
          const from = Math.max(plot.valToPos(start / 1000, "x", true), bbox.left);
          const to = end === null ? right : Math.min(plot.valToPos(end / 1000, "x", true), right);
          if (to < bbox.left || from > right) {
            continue;
          }
          const width = Math.max(to - from, uPlot.pxRatio);
          ctx.fillStyle = colourOf(severity);
          ctx.globalAlpha = SHADE;
          ctx.fillRect(from, bbox.top, width, bbox.height);
          // A stripe below, as a tint alone says nothing to those who hardly see colours.
          ctx.globalAlpha = EDGE;
          ctx.fillRect(from, bbox.top + bbox.height - 3 * uPlot.pxRatio, width, 3 * uPlot.pxRatio);
        }
        ctx.restore();
      },
      draw: (plot) => {
        const { ctx, bbox } = plot;
        ctx.save();
        ctx.beginPath();
        ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
        ctx.clip();
        ctx.lineWidth = 1.5 * uPlot.pxRatio;
        ctx.font = `${11 * uPlot.pxRatio}px 'Onest'`;
        ctx.textAlign = "left";
        for (const { value, name, severity } of read().thresholds) {
          const y = Math.round(plot.valToPos(value, "y", true));
          ctx.strokeStyle = colourOf(severity);
          ctx.setLineDash([6 * uPlot.pxRatio, 4 * uPlot.pxRatio]);
          ctx.beginPath();
          ctx.moveTo(bbox.left, y);
          ctx.lineTo(bbox.left + bbox.width, y);
          ctx.stroke();
          const above = y - bbox.top > 18 * uPlot.pxRatio;
          ctx.textBaseline = above ? "bottom" : "top";
          ctx.fillStyle = text;
          ctx.fillText(name, bbox.left + 6 * uPlot.pxRatio, y + (above ? -3 : 4) * uPlot.pxRatio);
        }
        ctx.restore();
      },
    },
  };
}
