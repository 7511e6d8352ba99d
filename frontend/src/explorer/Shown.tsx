import { TriangleAlert } from "lucide-react";
import { useCallback, useMemo, useState } from "react";
import { t } from "../messages";
import type { Sample } from "../telemetry/types";
import { readFirstTime } from "./api";
import type { Asked, Described } from "./api";
import { Chart } from "./Chart";
import { NO_THRESHOLDS, useNow, usePoints, useThresholds } from "./hooks";
import { Legend } from "./Legend";
import { lineOf, sideBySide, stepsOf, withPointsAt } from "./lines";
import { refreshMs } from "./loader";
import type { Drawing } from "./plot";
import { levelFor, POINTS_OF_TILE } from "./tiles";
import { Export, intervalName, Settings, TimeBar } from "./Toolbar";
import { summary, Values, visiblePoints } from "./Values";
import { bucketMs, clampSpan, DEFAULT_LAST_MS, fittingInterval, spanOf } from "./view";
import type { Range, Span, View } from "./view";
import { endOfBucket } from "./zone";

/** A break of a line is shown where it is wider than so many points of it. */
const POINTS_OF_BREAK = 4;
/** Where no more buckets are shown, one of them may be all there is to see. */
const FEW_BUCKETS = 4;

interface ShownProps {
  readonly shown: readonly Described[];
  readonly latest: ReadonlyMap<number, Sample>;
  readonly hidden: ReadonlySet<number>;
  readonly view: View;
  readonly zones: readonly string[];
  readonly onChange: (change: Partial<View>) => void;
  readonly onHide: (id: number) => void;
  readonly onRemove: (id: number) => void;
}

/** The chart of the chosen datapoints with everything that belongs to it. */
export function Shown({ shown, latest, hidden, view, zones, onChange, onHide, onRemove }: ShownProps) {
  const length = "last" in view.range ? view.range.last : view.range.to - view.range.from;
  const now = useNow(refreshMs(length));
  const span = useMemo(() => spanOf(view.range, now), [view.range, now]);
  const interval = fittingInterval(view.interval, length);
  const asked = useMemo<Asked>(() => ({ interval, fn: view.fn, zone: view.zone }), [interval, view.fn, view.zone]);
  const level = levelFor(length, interval);
  const { points, loading, failure, retry } = usePoints(view.datapoints, span, asked, now);
  const thresholds = useThresholds(view.datapoints);
  const onSpan = useCallback(
    (next: Span): void => {
      onChange({ range: clampSpan(next, Date.now()) });
    },
    [onChange],
  );
  const onRange = (range: Range): void => {
    onChange({ range: "last" in range ? range : clampSpan(range, Date.now()) });
  };
  const [allFailure, setAllFailure] = useState<string | null>(null);
  const showAll = (): void => {
    readFirstTime(view.datapoints)
      .then((first) => {
        setAllFailure(null);
        onRange(first === undefined ? { last: DEFAULT_LAST_MS } : { from: first, to: Math.max(Date.now(), first + 1000) });
      })
      .catch((error: unknown) => {
        setAllFailure(error instanceof Error ? error.message : String(error));
      });
  };

  const drawing = useMemo<Drawing>(() => {
    const lines = shown.flatMap(({ id, name, unit }, index) =>
      hidden.has(id) ? [] : [{ datapoint: { id, name, unit: interval !== "raw" && view.fn === "count" ? "" : unit }, index }],
    );
    // A sum or a number of samples is no value that could cross a threshold.
    const isValue = interval === "raw" || (view.fn !== "sum" && view.fn !== "count");
    return { lines, thresholds: isValue ? thresholds : NO_THRESHOLDS, zone: view.zone, isStepped: interval !== "raw" };
  }, [shown, hidden, thresholds, view.zone, view.fn, interval]);
  const columns = useMemo(() => {
    const least = (2 ** level / POINTS_OF_TILE) * POINTS_OF_BREAK;
    return drawing.lines.map(({ datapoint: { id } }) => {
      const found = points.get(id) ?? { times: [], values: [] };
      return interval === "raw"
        ? lineOf(found, least)
        : stepsOf(found, (start) => endOfBucket(interval, start * 1000, view.zone) / 1000);
    });
  }, [points, drawing, level, interval, view.zone]);
  const edges = interval !== "raw" && length < FEW_BUCKETS * bucketMs[interval] ? span : null;
  const data = useMemo(
    () => sideBySide(edges ? columns.map((column) => withPointsAt(column, [edges.from / 1000, edges.to / 1000])) : columns),
    [columns, edges],
  );
  const inside = useMemo(() => {
    const endOf = (time: number): number => (interval === "raw" ? time : endOfBucket(interval, time, view.zone));
    return visiblePoints(shown, points, span, endOf);
  }, [shown, points, span, interval, view.zone]);
  const isEmpty = !loading && failure === null && inside.every(({ rows }) => rows.length === 0);

  return (
    <>
      <section aria-label={t("Chart")} aria-busy={loading} className="panel flex min-w-0 flex-col gap-4 p-4 sm:p-6">
        <TimeBar view={view} span={span} onRange={onRange} onAll={showAll} />
        <Settings view={view} span={span} zones={zones} onChange={onChange} onRange={onRange} />
        {interval !== view.interval && (
          <p role="status" className="quiet text-sm">
            {t("For so long a time these are too many; shown are: {interval}.", { interval: intervalName(interval) })}
          </p>
        )}
        {(failure ?? allFailure) !== null && (
          <p role="alert" className="flex flex-wrap items-center gap-2 text-sm text-error">
            <TriangleAlert aria-hidden="true" className="size-4 shrink-0" />
            {t("The values could not be read: {reason}", { reason: failure ?? allFailure ?? "" })}
            <button type="button" className="btn btn-sm" onClick={retry}>
              {t("Try again")}
            </button>
          </p>
        )}
        <div className="relative">
          <Chart drawing={drawing} data={data} span={span} onSpan={onSpan} label={summary(inside)} />
          {loading && (
            <p className="absolute end-3 top-2">
              <span className="loading loading-sm loading-dots opacity-70" />
              <span className="sr-only">{t("Loading the values")}</span>
            </p>
          )}
          {isEmpty && (
            <div className="pointer-events-none absolute inset-0 grid place-content-center justify-items-center gap-3 px-6 text-center">
              <p className="quiet text-sm">{t("There are no values in this time.")}</p>
              <button type="button" className="btn pointer-events-auto btn-sm" onClick={showAll}>
                {t("Show all there is")}
              </button>
            </div>
          )}
        </div>
        <div className="flex flex-wrap items-center justify-between gap-3">
          <p className="quiet text-xs text-pretty max-sm:hidden">
            {t("Drag to move; wheel or pinch to zoom; Shift and drag to choose a part; or arrow keys, plus and minus.")}
          </p>
          <Export datapoints={view.datapoints} span={span} asked={asked} />
        </div>
      </section>
      <Legend shown={shown} latest={latest} hidden={hidden} thresholds={thresholds} zone={view.zone} now={now} onToggle={onHide} onRemove={onRemove} />
      <Values inside={inside} zone={view.zone} />
    </>
  );
}
