import { useEffect, useRef } from "react";
import uPlot from "uplot";
import { NO_MARKS } from "./alarms";
import type { AlarmMarks } from "./alarms";
import { plotOptions } from "./plot";
import type { Line } from "./plot";
import { align } from "./series";
import type { Series } from "./series";

const MIN_HEIGHT_PX = 180;
const MAX_HEIGHT_PX = 360;
const REDRAW_MS = 1000;

interface Props {
  readonly lines: readonly Line[];
  /** The samples of each line. */
  readonly series: readonly Series[];
  readonly windowMs: number;
  /** Thresholds and alarms of these datapoints. */
  readonly marks?: AlarmMarks;
  /** What the chart shows, in words. */
  readonly label: string;
}

function sizeFor(width: number): { width: number; height: number } {
  return { width, height: Math.round(Math.min(Math.max(width * 0.38, MIN_HEIGHT_PX), MAX_HEIGHT_PX)) };
}

/** Puts the newest samples into the plot; its right edge is now. */
function draw(plot: uPlot, series: readonly Series[], windowMs: number): void {
  const now = Date.now();
  plot.batch(() => {
    // The data first, without its own idea of the scales; then every scale is told to look at the visible part.
    plot.setData(align(series), false);
    plot.setScale("x", { min: (now - windowMs) / 1000, max: now / 1000 });
  });
}

/** A line chart of the last `windowMs`, which moves with time and follows the theme and the width of its place. */
export function LineChart({ lines, series, windowMs, label, marks = NO_MARKS }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const newest = useRef(series);
  const marked = useRef(marks);

  useEffect(() => {
    newest.current = series;
    marked.current = marks;
    if (plot.current) {
      draw(plot.current, series, windowMs);
    }
  }, [series, windowMs, marks]);

  useEffect(() => {
    const element = place.current;
    if (!element) {
      return;
    }
    const build = (): void => {
      plot.current?.destroy();
      plot.current = new uPlot(
        plotOptions(lines, windowMs / 1000, sizeFor(element.clientWidth), () => marked.current),
        align(newest.current),
        element,
      );
      draw(plot.current, newest.current, windowMs);
    };
    build();

    const resized = new ResizeObserver(() => {
      if (plot.current && element.clientWidth > 0 && plot.current.width !== element.clientWidth) {
        plot.current.setSize(sizeFor(element.clientWidth));
      }
    });
    resized.observe(element);
    // uPlot takes its colours once, so another theme means another plot.
    const themed = new MutationObserver(build);
    themed.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    const preference = matchMedia("(prefers-color-scheme: dark)");
    preference.addEventListener("change", build);
    const timer = setInterval(() => {
      if (plot.current && !document.hidden) {
        draw(plot.current, newest.current, windowMs);
      }
    }, REDRAW_MS);

    return () => {
      clearInterval(timer);
      preference.removeEventListener("change", build);
      themed.disconnect();
      resized.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, [lines, windowMs]);

  return <div ref={place} role="img" aria-label={label} className="min-h-45" />;
}
