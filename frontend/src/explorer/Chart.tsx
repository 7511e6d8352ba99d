import { useEffect, useLayoutEffect, useRef } from "react";
import uPlot from "uplot";
import { t } from "../messages";
import { followGestures, spanOfKey } from "./gestures";
import { plotOptions } from "./plot";
import type { Drawing } from "./plot";
import type { Span } from "./view";

const MIN_HEIGHT_PX = 260;
const MAX_HEIGHT_PX = 460;

interface Props {
  readonly drawing: Drawing;
  /** Times in seconds, and a column for each line. */
  readonly data: uPlot.AlignedData;
  readonly span: Span;
  readonly onSpan: (span: Span) => void;
  /** What the chart shows, in words. */
  readonly label: string;
}

function sizeFor(width: number): { width: number; height: number } {
  return { width, height: Math.round(Math.min(Math.max(width * 0.42, MIN_HEIGHT_PX), MAX_HEIGHT_PX)) };
}

/** A chart that is moved and zoomed with mouse, fingers and keys; it draws what it is given and tells where it is led. */
export function Chart({ drawing, data, span, onSpan, label }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const shown = useRef({ data, span, onSpan });

  useLayoutEffect(() => {
    const before = shown.current;
    shown.current = { data, span, onSpan };
    plot.current?.batch(() => {
      if (before.data !== data) {
        plot.current?.setData(data, false);
      }
      plot.current?.setScale("x", { min: span.from / 1000, max: span.to / 1000 });
    });
  }, [data, span, onSpan]);

  useEffect(() => {
    const element = place.current;
    if (!element) {
      return;
    }
    let frame = 0;
    let wanted: Span | null = null;
    const move = (next: Span): void => {
      wanted = next;
      frame ||= requestAnimationFrame(() => {
        frame = 0;
        if (wanted) {
          shown.current.onSpan(wanted);
        }
        wanted = null;
      });
    };
    let stopFollowing = (): void => undefined;
    const build = (): void => {
      stopFollowing();
      plot.current?.destroy();
      const made = new uPlot(plotOptions(drawing, sizeFor(element.clientWidth)), shown.current.data, element);
      plot.current = made;
      made.batch(() => {
        made.setScale("x", { min: shown.current.span.from / 1000, max: shown.current.span.to / 1000 });
      });
      stopFollowing = followGestures(made.over, {
        span: () => wanted ?? shown.current.span,
        onSpan: move,
        onBox: (box) => {
          made.setSelect({ left: box?.left ?? 0, width: box?.width ?? 0, top: 0, height: box ? made.over.clientHeight : 0 }, false);
        },
      });
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

    return () => {
      cancelAnimationFrame(frame);
      stopFollowing();
      preference.removeEventListener("change", build);
      themed.disconnect();
      resized.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, [drawing]);

  return (
    <div
      ref={place}
      role="group"
      tabIndex={0}
      aria-label={label}
      aria-roledescription={t("Line chart")}
      aria-keyshortcuts="ArrowLeft ArrowRight PageUp PageDown + - End"
      className="explorer-chart min-h-65 rounded-field"
      onKeyDown={(event) => {
        const next = event.ctrlKey || event.metaKey || event.altKey ? null : spanOfKey(event.key, span, Date.now());
        if (next) {
          event.preventDefault();
          onSpan(next);
        }
      }}
    />
  );
}
