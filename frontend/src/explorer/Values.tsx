import { useState } from "react";
import { t } from "../messages";
import { formatMoment, formatWithUnit } from "../telemetry/format";
import type { Described } from "./api";
import type { Points } from "./tiles";
import type { Span } from "./view";

const ROWS_OF_TABLE = 50;

/** A datapoint and those of its points that can be seen. */
export interface Visible {
  readonly datapoint: Described;
  readonly rows: readonly { readonly time: number; readonly value: number }[];
}

/** Of each datapoint what meets the range, where a point reaches until `endOf` its time. */
export function visiblePoints(
  shown: readonly Described[],
  points: ReadonlyMap<number, Points>,
  span: Span,
  endOf: (time: number) => number,
): Visible[] {
  return shown.map((datapoint) => {
    const { times, values } = points.get(datapoint.id) ?? { times: [], values: [] };
    const rows: { time: number; value: number }[] = [];
    // From the end, so that only one bucket before the range has to be measured.
    for (let place = times.length - 1; place >= 0; place--) {
      const time = (times[place] ?? 0) * 1000;
      if (time < span.from && endOf(time) <= span.from) {
        break;
      }
      if (time <= span.to && (time >= span.from || endOf(time) > span.from)) {
        rows.push({ time, value: values[place] ?? 0 });
      }
    }
    return { datapoint, rows: rows.reverse() };
  });
}

/** What the chart shows, in a sentence, for those who do not see it. */
export function summary(inside: readonly Visible[]): string {
  const parts = inside.map(({ datapoint: { name, unit }, rows }) => {
    const last = rows.at(-1);
    if (!last) {
      return t("{name}: no values", { name });
    }
    const values = rows.map(({ value }) => value);
    const [low, high] = values.reduce(([min, max], value) => [Math.min(min, value), Math.max(max, value)], [last.value, last.value]);
    return t("{name}: between {low} and {high}", { name, low: formatWithUnit(low, unit), high: formatWithUnit(high, unit) });
  });
  return parts.join(". ");
}

/** The newest of the values that are shown as a table, folded away: for screen readers, and for copying. */
export function Values({ inside, zone }: { readonly inside: readonly Visible[]; readonly zone: string }) {
  const [open, setOpen] = useState(false);
  const rows = open
    ? inside
        .flatMap(({ datapoint, rows: all }) => all.slice(-ROWS_OF_TABLE).map((row) => ({ ...row, datapoint })))
        .sort((one, other) => other.time - one.time)
        .slice(0, ROWS_OF_TABLE)
    : [];
  return (
    <details
      className="text-sm"
      onToggle={(event) => {
        setOpen(event.currentTarget.open);
      }}
    >
      <summary className="link quiet w-fit link-hover">{t("The newest values of this time as a table")}</summary>
      <table className="sheet mt-2">
        <thead>
          <tr>
            <th scope="col">{t("Time")}</th>
            <th scope="col">{t("Datapoint")}</th>
            <th scope="col">{t("Value")}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ datapoint, time, value }) => (
            <tr key={`${datapoint.id}:${time}`}>
              <td>{formatMoment(time, zone)}</td>
              <td data-label={t("Datapoint")}>{datapoint.name}</td>
              <td data-label={t("Value")} className="tabular-nums">
                {formatWithUnit(value, datapoint.unit)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
