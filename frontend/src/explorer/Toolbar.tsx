import { ChevronLeft, ChevronRight, Download, ZoomIn, ZoomOut } from "lucide-react";
import { useId, useState } from "react";
import type { ReactNode } from "react";
import { t } from "../messages";
import type { Asked } from "./api";
import { exportAddress } from "./api";
import { shifted } from "./gestures";
import { functions, intervals, zoomed } from "./view";
import type { AggregateFunction, Interval, Range, Span, View } from "./view";
import { ceilTo, floorTo, momentOfText, wallText } from "./zone";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const ZOOM = 2;
const STEP = 0.5;

const presets: readonly { readonly last: number; readonly label: () => string }[] = [
  { last: HOUR_MS, label: () => t("1 hour") },
  { last: DAY_MS, label: () => t("24 hours") },
  { last: 7 * DAY_MS, label: () => t("7 days") },
  { last: 30 * DAY_MS, label: () => t("30 days") },
  { last: 365 * DAY_MS, label: () => t("1 year") },
];

const intervalNames: Readonly<Record<Interval, () => string>> = {
  raw: () => t("Samples"),
  "15m": () => t("15 minutes"),
  hour: () => t("Hours"),
  day: () => t("Days"),
  week: () => t("Weeks"),
  month: () => t("Months"),
  year: () => t("Years"),
};

const functionNames: Readonly<Record<AggregateFunction, () => string>> = {
  avg: () => t("Average"),
  min: () => t("Least"),
  max: () => t("Greatest"),
  sum: () => t("Sum"),
  count: () => t("Number of samples"),
  first: () => t("First"),
  last: () => t("Last"),
};

/** How the interval is called for people. */
export function intervalName(interval: Interval): string {
  return intervalNames[interval]();
}

interface Props {
  readonly view: View;
  readonly span: Span;
  readonly zones: readonly string[];
  readonly onChange: (change: Partial<View>) => void;
  readonly onRange: (range: Range) => void;
  readonly onAll: () => void;
}

/** Which time is shown: the usual periods, steps and zooms, and the exact ends. */
export function TimeBar({ view, span, onRange, onAll }: Omit<Props, "zones" | "onChange">) {
  const last = "last" in view.range ? view.range.last : null;
  const middle = (span.from + span.to) / 2;
  const steps: readonly { readonly name: string; readonly icon: ReactNode; readonly to: () => Span }[] = [
    { name: t("Earlier"), icon: <ChevronLeft aria-hidden="true" className="size-4" />, to: () => shifted(span, -STEP) },
    { name: t("Zoom out"), icon: <ZoomOut aria-hidden="true" className="size-4" />, to: () => zoomed(span, ZOOM, middle, Date.now()) },
    { name: t("Zoom in"), icon: <ZoomIn aria-hidden="true" className="size-4" />, to: () => zoomed(span, 1 / ZOOM, middle, Date.now()) },
    { name: t("Later"), icon: <ChevronRight aria-hidden="true" className="size-4" />, to: () => shifted(span, STEP) },
  ];
  return (
    <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
      <div role="group" aria-label={t("Period")} className="join max-w-full overflow-x-auto">
        {presets.map((preset) => (
          <button
            key={preset.last}
            type="button"
            aria-pressed={preset.last === last}
            className={`btn join-item btn-sm max-sm:px-2 ${preset.last === last ? "bg-base-300" : "quiet font-normal"}`}
            onClick={() => {
              onRange({ last: preset.last });
            }}
          >
            {preset.label()}
          </button>
        ))}
        <button type="button" className="btn quiet join-item font-normal btn-sm max-sm:px-2" onClick={onAll}>
          {t("All")}
        </button>
      </div>
      <div role="group" aria-label={t("Move and zoom")} className="join">
        {steps.map(({ name, icon, to }) => (
          <button
            key={name}
            type="button"
            title={name}
            aria-label={name}
            className="btn btn-square join-item btn-sm"
            onClick={() => {
              onRange(to());
            }}
          >
            {icon}
          </button>
        ))}
      </div>
    </div>
  );
}

interface FieldProps {
  readonly label: string;
  readonly children: (id: string) => ReactNode;
}

function Field({ label, children }: FieldProps) {
  const id = useId();
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <label htmlFor={id} className="quiet text-xs">
        {label}
      </label>
      {children(id)}
    </div>
  );
}

interface ChoiceProps<Value extends string> {
  readonly label: string;
  readonly value: Value;
  /** Each value with its name. */
  readonly options: readonly (readonly [Value, string])[];
  readonly onPick: (value: Value) => void;
}

function Choice<Value extends string>({ label, value, options, onPick }: ChoiceProps<Value>) {
  return (
    <Field label={label}>
      {(id) => (
        <select
          id={id}
          className="select w-full select-sm"
          value={value}
          onChange={(event) => {
            onPick(event.target.value as Value);
          }}
        >
          {options.map(([option, name]) => (
            <option key={option} value={option}>
              {name}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

/** How the values are put together, in which zone, and between which exact times. */
export function Settings({ view, span, zones, onChange, onRange }: Omit<Props, "onAll">) {
  const ends = (["from", "to"] as const).map((end) => ({ end, text: wallText(span[end], view.zone) }));
  return (
    <div className="flex flex-wrap gap-3">
      <div className="grid min-w-0 flex-1 basis-100 grid-cols-2 gap-3 *:last:odd:max-sm:col-span-2 sm:auto-cols-fr sm:grid-flow-col sm:grid-cols-none">
        <Choice
          label={t("Values")}
          value={view.interval}
          options={intervals.map((interval) => [interval, intervalName(interval)])}
          onPick={(interval) => {
            onChange({ interval });
          }}
        />
        {view.interval !== "raw" && (
          <Choice
            label={t("Function")}
            value={view.fn}
            options={functions.map((fn) => [fn, functionNames[fn]()])}
            onPick={(fn) => {
              onChange({ fn });
            }}
          />
        )}
        <Choice
          label={t("Time zone")}
          value={view.zone}
          options={zones.map((zone) => [zone, zone])}
          onPick={(zone) => {
            onChange({ zone });
          }}
        />
      </div>
      <div className="grid min-w-0 flex-1 basis-100 gap-3 sm:grid-cols-2">
        {ends.map(({ end, text }) => (
          <Field key={end} label={end === "from" ? t("From") : t("To")}>
            {(id) => (
              <EndInput
                id={id}
                text={text}
                onCommit={(given) => {
                  const moment = momentOfText(given, view.zone);
                  const next = { ...span, ...(moment === undefined ? {} : { [end]: moment }) };
                  if (moment !== undefined && next.from < next.to) {
                    onRange(next);
                  }
                }}
              />
            )}
          </Field>
        ))}
      </div>
    </div>
  );
}

interface EndInputProps {
  readonly id: string;
  readonly text: string;
  readonly onCommit: (text: string) => void;
}

/** One end of the range. It follows the chart, but not while somebody types. */
function EndInput({ id, text, onCommit }: EndInputProps) {
  const [draft, setDraft] = useState<string | null>(null);
  const commit = (): void => {
    if (draft !== null && draft !== text) {
      onCommit(draft);
    }
  };
  return (
    <input
      id={id}
      type="datetime-local"
      step={1}
      value={draft ?? text}
      className="input w-full input-sm"
      onChange={(event) => {
        setDraft(event.target.value);
      }}
      onBlur={() => {
        commit();
        setDraft(null);
      }}
      onKeyDown={(event) => {
        if (event.key === "Enter") {
          commit();
        }
      }}
    />
  );
}

interface ExportProps {
  readonly datapoints: readonly number[];
  readonly span: Span;
  readonly asked: Asked;
}

/** What is shown as files: all samples of the range, or the whole buckets that meet it. */
export function Export({ datapoints, span, asked }: ExportProps) {
  const { interval, zone } = asked;
  const whole =
    interval === "raw" ? span : { from: floorTo(interval, span.from, zone), to: ceilTo(interval, span.to, zone) };
  return (
    <div role="group" aria-label={t("Export")} className="join">
      {(["csv", "ndjson"] as const).map((format) => (
        <a key={format} download className="btn join-item btn-sm" href={exportAddress(datapoints, whole, asked, format)}>
          <Download aria-hidden="true" className="size-4" />
          {format.toUpperCase()}
        </a>
      ))}
    </div>
  );
}
