/** How the explorer's chart is drawn: an axis for each unit, lines or steps, thresholds of alarms, and times of any length. */
import uPlot from "uplot";
import { pageLanguage } from "../messages";
import { formatMoment, formatValue } from "../telemetry/format";
import { nearestIndex, readPalette, tooltip, withAlpha } from "../telemetry/plot";
import type { Line } from "../telemetry/plot";
import type { Threshold } from "./api";

export interface Drawing {
  readonly lines: readonly Line[];
  readonly thresholds: readonly Threshold[];
  readonly zone: string;
  /** Buckets are drawn as steps. */
  readonly isStepped: boolean;
}

// uPlot's names of these are an enum that only its types know.
/* eslint-disable @typescript-eslint/no-unsafe-enum-assignment */
const RIGHT: uPlot.Axis.Side.Right = 1;
const LEFT: uPlot.Axis.Side.Left = 3;
/* eslint-enable @typescript-eslint/no-unsafe-enum-assignment */
const PHONE_PX = 560;
const PX_OF_DIGIT = 7;
const PADDING_OF_RANGE = 0.06;
const DASH = [6, 4];
const SECOND = 1;
const MINUTE = 60;
const DAY = 86_400;
const MONTH = 28 * DAY;
const YEAR = 365 * DAY;

/** The units of the lines, each once; each has a scale, and an axis where there is room. */
export function unitsOf(lines: readonly Line[]): string[] {
  return [...new Set(lines.map(({ datapoint }) => datapoint.unit))];
}

function scaleOf(units: readonly string[], unit: string): string {
  return `y${units.indexOf(unit)}`;
}

/** The ends of a scale: around the values, and around thresholds that are not far away. */
export function rangeOfScale(min: number | null, max: number | null, thresholds: readonly number[]): [number, number] {
  if (min === null || max === null) {
    return [0, 1];
  }
  const height = max - min || Math.abs(max) * 0.1 || 1;
  const near = thresholds.filter((value) => value >= min - height && value <= max + height);
  const low = Math.min(min, ...near);
  const high = Math.max(max, ...near);
  const padding = (high - low || height) * PADDING_OF_RANGE;
  return [low - padding, high + padding];
}

/** Texts below the axis, in the zone: in the first line the time, in the second one what it belongs to, where that changes. */
export function formatSplits(splits: readonly number[], increment: number, zone: string): string[] {
  const format = (options: Intl.DateTimeFormatOptions): ((split: number) => string) => {
    const made = new Intl.DateTimeFormat(pageLanguage(), { ...options, timeZone: zone });
    return (split) => made.format(split * 1000);
  };
  const year = format({ year: "numeric" });
  if (increment >= YEAR) {
    return splits.map(year);
  }
  const day = format({ day: "numeric", month: "short" });
  const [text, context] =
    increment >= MONTH
      ? [format({ month: "short" }), year]
      : increment >= DAY
        ? [day, year]
        : [
            increment >= MINUTE
              ? format({ hour: "numeric", minute: "2-digit" })
              : increment >= SECOND
                ? format({ timeStyle: "medium" })
                : format({ minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3 }),
            day,
          ];
  let before = "";
  return splits.map((split) => {
    const now = context(split);
    const isNew = now !== before;
    before = now;
    return isNew ? `${text(split)}\n${now}` : text(split);
  });
}

function colourOf(severity: Threshold["severity"]): string {
  const name = severity === "critical" ? "--color-error" : severity === "warning" ? "--color-warning" : "--color-info";
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** Draws where alarms begin, each with the name of its rule. */
function thresholdLines({ lines, thresholds }: Drawing): uPlot.Plugin {
  const units = unitsOf(lines);
  return {
    hooks: {
      draw: (plot) => {
        const { ctx, bbox } = plot;
        ctx.save();
        ctx.beginPath();
        ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
        ctx.clip();
        ctx.font = `${11 * devicePixelRatio}px 'Onest'`;
        ctx.textAlign = "right";
        ctx.lineWidth = 1.5 * devicePixelRatio;
        ctx.setLineDash(DASH.map((length) => length * devicePixelRatio));
        for (const { datapoint, value, name, isUpper, severity } of thresholds) {
          const line = lines.find((one) => one.datapoint.id === datapoint);
          if (!line) {
            continue;
          }
          const y = plot.valToPos(value, scaleOf(units, line.datapoint.unit), true);
          ctx.strokeStyle = colourOf(severity);
          ctx.beginPath();
          ctx.moveTo(bbox.left, y);
          ctx.lineTo(bbox.left + bbox.width, y);
          ctx.stroke();
          ctx.fillStyle = readPalette().text;
          ctx.textBaseline = isUpper ? "bottom" : "top";
          ctx.fillText(name, bbox.left + bbox.width - 6 * devicePixelRatio, y + (isUpper ? -3 : 3) * devicePixelRatio);
        }
        ctx.restore();
      },
    },
  };
}

/** The last step that begins at or before the cursor. */
function stepIndex(plot: uPlot, series: number, index: number): number {
  const column = plot.data[series];
  const at = plot.posToVal(plot.cursor.left ?? 0, "x");
  let place = index;
  while (place > 0 && (typeof column?.[place] !== "number" || (plot.data[0][place] ?? 0) > at)) {
    place--;
  }
  return place;
}

/** The options of the chart at this size, in the theme's present colours. */
export function plotOptions(drawing: Drawing, size: { width: number; height: number }): uPlot.Options {
  const { lines, thresholds, zone, isStepped } = drawing;
  const palette = readPalette();
  const units = unitsOf(lines);
  const font = "12px 'Onest'";
  const axes = units.slice(0, size.width < PHONE_PX ? 2 : 3);
  const stepped = isStepped ? uPlot.paths.stepped?.({ align: 1 }) : undefined;
  return {
    ...size,
    tzDate: (time: number) => uPlot.tzDate(new Date(time * 1000), zone),
    legend: { show: false },
    padding: [10, axes.length > 1 ? 0 : 12, 0, 0],
    cursor: {
      y: false,
      drag: { x: false, y: false, setScale: false },
      points: { size: 8, width: 2 },
      dataIdx: (plot, series, index) =>
        isStepped ? stepIndex(plot, series, index) : nearestIndex(plot.data[series], index),
    },
    scales: {
      x: { time: true },
      ...Object.fromEntries(
        units.map((unit) => {
          const ids = new Set(lines.filter(({ datapoint }) => datapoint.unit === unit).map(({ datapoint }) => datapoint.id));
          const values = thresholds.filter(({ datapoint }) => ids.has(datapoint)).map(({ value }) => value);
          const range = (_plot: uPlot, min: number | null, max: number | null): [number, number] =>
            rangeOfScale(min, max, values);
          return [scaleOf(units, unit), { range }];
        }),
      ),
    },
    axes: [
      {
        stroke: palette.text,
        font,
        grid: { show: false },
        ticks: { stroke: palette.grid, width: 1, size: 6 },
        size: 46,
        space: 84,
        values: (_plot, splits, _axis, _space, increment) => formatSplits(splits, increment, zone),
      },
      ...axes.map((unit, place) => {
        const own = lines.filter(({ datapoint }) => datapoint.unit === unit);
        const stroke = units.length > 1 && own.length === 1 ? palette.series(own[0]?.index ?? 0) : palette.text;
        return {
          scale: scaleOf(units, unit),
          side: place === 0 ? LEFT : RIGHT,
          stroke,
          font,
          ...(unit ? { label: unit, labelSize: 20, labelGap: 0, labelFont: font } : {}),
          size: (_plot: uPlot, values: string[] | null) =>
            Math.max(...(values ?? []).map((value) => value.length), 2) * PX_OF_DIGIT + 12,
          space: 36,
          grid: { show: place === 0, stroke: palette.grid, width: 1 },
          ticks: { show: false },
          values: (_plot: uPlot, splits: number[]) => splits.map((split) => formatValue(split)),
        };
      }),
    ],
    series: [
      {},
      ...lines.map(({ datapoint, index }) => ({
        label: datapoint.name,
        scale: scaleOf(units, datapoint.unit),
        stroke: palette.series(index),
        ...(index >= palette.count ? { dash: DASH } : {}),
        ...(lines.length === 1 ? { fill: withAlpha(palette.series(index), 0.08) } : {}),
        ...(stepped ? { paths: stepped, points: { show: false } } : { points: { size: 5 } }),
        width: 1.75,
        spanGaps: false,
      })),
    ],
    plugins: [tooltip(lines, (time) => formatMoment(time, zone)), thresholdLines(drawing)],
  };
}
