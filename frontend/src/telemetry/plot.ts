/** The drawing: what uPlot is told about axes, scales, colours and the tooltip. */
import uPlot from "uplot";
import { pageTimeZone } from "../messages";
import { alarmPlugin, valueRange } from "./alarms";
import type { AlarmMarks } from "./alarms";
import { formatMoment, formatTick, formatValue, formatWithUnit } from "./format";
import type { Datapoint } from "./types";

const SERIES_COLOURS = 6;

interface Palette {
  readonly series: (index: number) => string;
  /** How many colours there are. */
  readonly count: number;
  readonly grid: string;
  readonly text: string;
}

/** The theme's colours as they are now. */
export function readPalette(): Palette {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  return {
    series: (index) => colour(`--chart-${(index % SERIES_COLOURS) + 1}`),
    count: SERIES_COLOURS,
    grid: colour("--chart-grid"),
    text: colour("--chart-text"),
  };
}

/** The CSS class of a series' colour swatch. */
export function swatchClass(index: number): string {
  const classes = ["bg-(--chart-1)", "bg-(--chart-2)", "bg-(--chart-3)", "bg-(--chart-4)", "bg-(--chart-5)", "bg-(--chart-6)"];
  return classes[index % SERIES_COLOURS] ?? "bg-(--chart-1)";
}

/** A datapoint with its place among all, which is the place of its colour. */
export interface Line {
  readonly datapoint: Datapoint;
  readonly index: number;
}

/** The lines of one unit belong on one chart; different units share no axis, so each gets a chart of its own. */
export function groupByUnit(datapoints: readonly Datapoint[]): Line[][] {
  const groups = new Map<string, Line[]>();
  datapoints.forEach((datapoint, index) => {
    const group = groups.get(datapoint.unit) ?? [];
    group.push({ datapoint, index });
    groups.set(datapoint.unit, group);
  });
  return [...groups.values()];
}

/** A small box at the cursor with the time and the values there. */
export function tooltip(lines: readonly Line[], formatTime: (time: number) => string = formatMoment): uPlot.Plugin {
  const box = document.createElement("div");
  box.className =
    "pointer-events-none absolute z-10 hidden rounded-field border border-base-300 bg-base-100 px-3 py-2 text-xs shadow-lg";
  return {
    hooks: {
      init: (plot) => {
        plot.over.append(box);
      },
      setCursor: (plot) => {
        const { idx, left = -1, top = 0 } = plot.cursor;
        const time = idx === null || idx === undefined ? undefined : plot.data[0][idx];
        box.classList.toggle("hidden", time === undefined || left < 0);
        if (time === undefined || left < 0) {
          return;
        }
        const title = document.createElement("div");
        title.className = "mb-1 font-medium whitespace-nowrap";
        title.textContent = formatTime(time * 1000);
        const rows = lines.flatMap(({ datapoint: { name, unit }, index }, place) => {
          const at = plot.cursor.idxs?.[place + 1];
          const value = at === null || at === undefined ? undefined : plot.data[place + 1]?.[at];
          if (value === undefined || value === null) {
            return [];
          }
          const row = document.createElement("div");
          row.className = "flex items-center gap-2 whitespace-nowrap";
          const swatch = document.createElement("span");
          swatch.className = `size-2 rounded-full ${swatchClass(index)}`;
          const number = document.createElement("span");
          number.className = "ms-auto ps-4 font-medium tabular-nums";
          number.textContent = formatWithUnit(value, unit);
          row.append(swatch, name, number);
          return [row];
        });
        box.replaceChildren(title, ...rows);
        const { clientWidth, clientHeight } = plot.over;
        const x = left + box.offsetWidth + 24 > clientWidth ? left - box.offsetWidth - 12 : left + 12;
        const y = Math.min(Math.max(top - box.offsetHeight / 2, 0), clientHeight - box.offsetHeight);
        box.style.transform = `translate(${Math.max(x, 0)}px, ${y}px)`;
      },
    },
  };
}

/** The options of a plot of lines of one unit over `windowS` seconds, drawn in the theme's present colours. */
export function plotOptions(
  lines: readonly Line[],
  windowS: number,
  size: { width: number; height: number },
  marks: () => AlarmMarks,
): uPlot.Options {
  const palette = readPalette();
  const zone = pageTimeZone();
  const font = "12px 'Onest'";
  return {
    ...size,
    ...(zone ? { tzDate: (time: number) => uPlot.tzDate(new Date(time * 1000), zone) } : {}),
    legend: { show: false },
    padding: [8, 16, 0, 0],
    cursor: {
      y: false,
      drag: { x: false, y: false },
      points: { size: 8, width: 2 },
      // The charts of one page point to the same moment.
      sync: { key: "telemetry" },
      // The nearest sample of each series, though others have none at that time.
      dataIdx: (plot, seriesIndex, index) => nearestIndex(plot.data[seriesIndex], index),
    },
    scales: { x: { time: true }, y: { range: valueRange(marks) } },
    axes: [
      {
        stroke: palette.text,
        font,
        grid: { show: false },
        ticks: { stroke: palette.grid, width: 1, size: 6 },
        size: 34,
        space: 76,
        values: (_plot, splits, _axis, _space, increment) =>
          splits.map((split) => formatTick(split * 1000, increment, windowS)),
      },
      {
        stroke: palette.text,
        font,
        size: 48,
        space: 36,
        grid: { stroke: palette.grid, width: 1 },
        ticks: { show: false },
        values: (_plot, splits) => splits.map((split) => formatValue(split)),
      },
    ],
    series: [
      {},
      ...lines.map(({ datapoint, index }) => ({
        label: datapoint.name,
        stroke: palette.series(index),
        ...(lines.length === 1 ? { fill: withAlpha(palette.series(index), 0.1) } : {}),
        width: 2,
        spanGaps: false,
        points: { size: 6, show: (plot: uPlot, series: number, first: number, last: number) => hasFew(plot.data[series], first, last) },
      })),
    ],
    plugins: [alarmPlugin(marks, palette.text), tooltip(lines)],
  };
}

/** So many samples are seen as points too: of one alone there is no line. */
const FEW = 3;

/** Whether there are at most `FEW` values between these places. */
function hasFew(column: ArrayLike<number | null | undefined> | undefined, first: number, last: number): boolean {
  let count = 0;
  for (let place = first; place <= last && count <= FEW; place++) {
    count += typeof column?.[place] === "number" ? 1 : 0;
  }
  return count <= FEW;
}

/** The index of a value in `column` nearest to `index`, or `index` itself when the column is empty. */
export function nearestIndex(column: ArrayLike<number | null | undefined> | undefined, index: number): number {
  if (!column) {
    return index;
  }
  for (let distance = 0; distance < column.length; distance++) {
    if (typeof column[index - distance] === "number") {
      return index - distance;
    }
    if (typeof column[index + distance] === "number") {
      return index + distance;
    }
  }
  return index;
}

/** `oklch(a b c)` with an alpha; other notations come back as they are. */
export function withAlpha(colour: string, alpha: number): string {
  return colour.startsWith("oklch(") && !colour.includes("/") ? colour.replace(")", ` / ${alpha})`) : colour;
}
