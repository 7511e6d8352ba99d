import { Radio, RefreshCw, TriangleAlert, WifiOff } from "lucide-react";
import { useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { t } from "../messages";
import { marksOf } from "./alarms";
import type { AlarmMarks } from "./alarms";
import { TelemetryFeed } from "./feed";
import { formatAge, formatMoment, formatWithUnit } from "./format";
import { LineChart } from "./LineChart";
import { groupByUnit, swatchClass } from "./plot";
import type { Line } from "./plot";
import { Series } from "./series";
import type { ConnectionState, Datapoint } from "./types";
import { useAlarmMarks } from "./useAlarmMarks";

const MINUTE_MS = 60_000;
const CLOCK_MS = 5000;
const TABLE_ROWS = 12;

const windows: readonly { readonly ms: number; readonly label: () => string }[] = [
  { ms: 5 * MINUTE_MS, label: () => t("5 min") },
  { ms: 60 * MINUTE_MS, label: () => t("1 hour") },
  { ms: 24 * 60 * MINUTE_MS, label: () => t("24 hours") },
];

export interface TelemetryChartProps {
  readonly datapoints: readonly Datapoint[];
  /** The length of the window at first, in seconds. */
  readonly window: number;
}

/** A live chart of one or several datapoints with their latest values and a choice of the window. */
export function TelemetryChart({ datapoints, window: firstWindowS }: TelemetryChartProps) {
  const [windowMs, setWindowMs] = useState(firstWindowS * 1000);
  if (datapoints.length === 0) {
    return <p className="quiet p-6 text-sm">{t("Nothing to draw yet: there is no datapoint here.")}</p>;
  }
  return (
    // Another window or other datapoints are another feed, so the parts that hold one begin anew.
    <Feed
      key={`${windowMs}:${datapoints.map(({ id }) => id).join(",")}`}
      datapoints={datapoints}
      windowMs={windowMs}
      onWindow={setWindowMs}
    />
  );
}

interface FeedProps {
  readonly datapoints: readonly Datapoint[];
  readonly windowMs: number;
  readonly onWindow: (windowMs: number) => void;
}

function Feed({ datapoints, windowMs, onWindow }: FeedProps) {
  const feed = useMemo(() => new TelemetryFeed(datapoints, windowMs), [datapoints, windowMs]);
  const { series, connection, loading, failure } = useSyncExternalStore(feed.subscribe, feed.snapshot);
  const groups = useMemo(() => groupByUnit(datapoints), [datapoints]);
  const marks = useAlarmMarks(datapoints, windowMs);
  const now = useNow();
  return (
    <section aria-label={t("Live chart")} className="flex flex-col gap-4">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <Connection state={connection} />
        <WindowChoice windowMs={windowMs} onWindow={onWindow} />
      </div>
      {failure !== null && (
        <p role="alert" className="flex items-center gap-2 text-sm text-error">
          <TriangleAlert aria-hidden="true" className="size-4 shrink-0" />
          {t("The past values could not be read: {reason}", { reason: failure })}
        </p>
      )}
      <div className={`grid gap-x-10 gap-y-8 ${groups.length > 1 ? "md:grid-cols-2" : ""}`}>
        {groups.map((lines) => (
          <Group
            key={lines[0]?.datapoint.id}
            lines={lines}
            all={series}
            marks={marks}
            windowMs={windowMs}
            now={now}
            loading={loading}
          />
        ))}
      </div>
      <Values datapoints={datapoints} series={series} />
    </section>
  );
}

interface GroupProps {
  readonly lines: readonly Line[];
  readonly all: readonly Series[];
  readonly marks: AlarmMarks;
  readonly windowMs: number;
  readonly now: number;
  readonly loading: boolean;
}

/** The datapoints of one unit: their latest values, and below them their chart. */
function Group({ lines, all, marks, windowMs, now, loading }: GroupProps) {
  const series = useMemo(() => lines.map(({ index }) => all[index] ?? new Series()), [lines, all]);
  const mine = useMemo(() => marksOf(marks, new Set(lines.map(({ datapoint }) => datapoint.id))), [marks, lines]);
  const empty = !loading && series.every((one) => one.samples.length === 0);
  return (
    <div className="flex min-w-0 flex-col gap-3">
      <ul className="flex flex-wrap gap-x-8 gap-y-3">
        {lines.map(({ datapoint, index }) => (
          <Latest key={datapoint.id} datapoint={datapoint} index={index} series={all[index]} now={now} />
        ))}
      </ul>
      <div className="relative">
        <LineChart lines={lines} series={series} windowMs={windowMs} marks={mine} label={summary(lines, all)} />
        {loading && (
          <p className="absolute inset-0 grid place-items-center">
            <span className="loading loading-dots loading-md" />
            <span className="sr-only">{t("Loading the past values")}</span>
          </p>
        )}
        {empty && (
          <p className="quiet absolute inset-0 grid place-items-center px-6 text-center text-sm">
            {t("No values in this window. The first one shows here as it arrives.")}
          </p>
        )}
      </div>
    </div>
  );
}

function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => {
      setNow(Date.now());
    }, CLOCK_MS);
    return () => {
      clearInterval(timer);
    };
  }, []);
  return now;
}

function Connection({ state }: { readonly state: ConnectionState }) {
  const looks = {
    connecting: { icon: RefreshCw, text: t("Connecting"), colour: "text-base-content/60", ring: "motion-safe:animate-spin" },
    live: { icon: Radio, text: t("Live"), colour: "text-success", ring: "" },
    interrupted: { icon: WifiOff, text: t("Connection lost, trying again"), colour: "text-error", ring: "" },
  }[state];
  const Icon = looks.icon;
  return (
    <p role="status" data-connection={state} className={`flex items-center gap-2 text-sm font-medium ${looks.colour}`}>
      <Icon aria-hidden="true" className={`size-4 ${looks.ring}`} />
      {looks.text}
    </p>
  );
}

function WindowChoice({ windowMs, onWindow }: Pick<FeedProps, "windowMs" | "onWindow">) {
  return (
    <div role="group" aria-label={t("Period")} className="join">
      {windows.map(({ ms, label }) => (
        <button
          key={ms}
          type="button"
          aria-pressed={ms === windowMs}
          className={`btn join-item btn-sm ${ms === windowMs ? "bg-base-300" : "quiet font-normal"}`}
          onClick={() => {
            onWindow(ms);
          }}
        >
          {label()}
        </button>
      ))}
    </div>
  );
}

interface LatestProps {
  readonly datapoint: Datapoint;
  readonly index: number;
  readonly series: Series | undefined;
  readonly now: number;
}

function Latest({ datapoint, index, series, now }: LatestProps) {
  const latest = series?.latest;
  return (
    <li className="min-w-32" data-datapoint={datapoint.id}>
      <p className="quiet flex items-center gap-2 text-sm">
        <span aria-hidden="true" className={`size-2.5 rounded-full ${swatchClass(index)}`} />
        {datapoint.name}
      </p>
      <p className="display text-3xl leading-tight font-semibold tabular-nums" data-latest-value={latest?.value}>
        {latest ? formatWithUnit(latest.value, datapoint.unit) : "–"}
      </p>
      <p className="quiet text-xs">
        {latest ? (
          <time dateTime={new Date(latest.time).toISOString()} title={formatMoment(latest.time)}>
            {formatAge(latest.time, Math.max(now, latest.time))}
          </time>
        ) : (
          t("no value yet")
        )}
      </p>
    </li>
  );
}

/** What the chart shows, in a sentence, for those who do not see it. */
function summary(lines: readonly Line[], series: readonly Series[]): string {
  const parts = lines.flatMap(({ datapoint: { name, unit }, index }) => {
    const values = series[index]?.samples.map(({ value }) => value) ?? [];
    const last = values.at(-1);
    if (last === undefined) {
      return [t("{name}: no values", { name })];
    }
    const [low, high] = values.reduce(([min, max], value) => [Math.min(min, value), Math.max(max, value)], [last, last]);
    return [
      t("{name}: now {now}, between {low} and {high}", {
        name,
        now: formatWithUnit(last, unit),
        low: formatWithUnit(low, unit),
        high: formatWithUnit(high, unit),
      }),
    ];
  });
  return `${t("Line chart")}. ${parts.join(". ")}`;
}

/** The newest values as a table, folded away: the same data for keyboard and screen reader, and for copying. */
function Values({ datapoints, series }: { readonly datapoints: readonly Datapoint[]; readonly series: readonly Series[] }) {
  const [open, setOpen] = useState(false);
  const rows = open
    ? datapoints
        .flatMap((datapoint, index) => (series[index]?.samples ?? []).slice(-TABLE_ROWS).map((sample) => ({ datapoint, sample })))
        .sort((one, other) => other.sample.time - one.sample.time)
        .slice(0, TABLE_ROWS)
    : [];
  return (
    <details
      className="text-sm"
      onToggle={(event) => {
        setOpen(event.currentTarget.open);
      }}
    >
      <summary className="link quiet w-fit link-hover">{t("Newest values as a table")}</summary>
      <table className="sheet mt-2">
        <thead>
          <tr>
            <th scope="col">{t("Time")}</th>
            <th scope="col">{t("Datapoint")}</th>
            <th scope="col">{t("Value")}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ datapoint, sample }) => (
            <tr key={`${datapoint.id}:${sample.time}`}>
              <td>{formatMoment(sample.time)}</td>
              <td data-label={t("Datapoint")}>{datapoint.name}</td>
              <td data-label={t("Value")} className="tabular-nums">
                {formatWithUnit(sample.value, datapoint.unit)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
