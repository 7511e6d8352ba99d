import { Bell, Eye, EyeOff, X } from "lucide-react";
import { t } from "../messages";
import { formatAge, formatMoment, formatWithUnit } from "../telemetry/format";
import { swatchClass } from "../telemetry/plot";
import type { Sample } from "../telemetry/types";
import type { Described, Threshold } from "./api";
import { isoOf } from "./view";

interface Props {
  readonly shown: readonly Described[];
  readonly latest: ReadonlyMap<number, Sample>;
  readonly hidden: ReadonlySet<number>;
  readonly thresholds: readonly Threshold[];
  readonly zone: string;
  readonly now: number;
  readonly onToggle: (id: number) => void;
  readonly onRemove: (id: number) => void;
}

/** Where the datapoint is, in words. */
export function placeOf({ project_name, object_name }: Described): string {
  return object_name ? `${project_name} / ${object_name}` : project_name;
}

/** What the lines are: name, place, newest value, thresholds of alarms; each can be hidden and removed. */
export function Legend({ shown, latest: newest, hidden, thresholds, zone, now, onToggle, onRemove }: Props) {
  return (
    <ul aria-label={t("Legend")} className="grid gap-2 sm:grid-cols-2 xl:grid-cols-3">
      {shown.map((datapoint, index) => {
        const isHidden = hidden.has(datapoint.id);
        const latest = newest.get(datapoint.id);
        const own = thresholds.filter((threshold) => threshold.datapoint === datapoint.id);
        return (
          <li
            key={datapoint.id}
            data-legend={datapoint.id}
            className="flex min-w-0 items-start gap-3 rounded-field border border-base-300 p-3"
          >
            <span
              aria-hidden="true"
              className={`mt-1.5 h-2.5 w-4 shrink-0 rounded-full ${swatchClass(index)} ${isHidden ? "opacity-25" : ""}`}
            />
            <div className={`min-w-0 flex-1 ${isHidden ? "opacity-55" : ""}`}>
              <a className="link text-[0.9375rem] font-medium wrap-anywhere link-hover" href={`/telemetry/datapoints/${datapoint.id}/`}>
                {datapoint.name}
              </a>
              <p className="quiet text-xs wrap-anywhere">{placeOf(datapoint)}</p>
              <p className="mt-1 text-sm">
                {latest ? (
                  <>
                    <span className="font-medium tabular-nums">{formatWithUnit(latest.value, datapoint.unit)}</span>{" "}
                    <time className="quiet text-xs" dateTime={isoOf(latest.time)} title={formatMoment(latest.time, zone)}>
                      {formatAge(latest.time, Math.max(now, latest.time))}
                    </time>
                  </>
                ) : (
                  <span className="quiet">{t("no value yet")}</span>
                )}
              </p>
              {own.map(({ rule, name, value, isUpper }) => (
                <p key={`${rule}${isUpper}`} className="mt-1 text-xs">
                  <a className="link flex items-start gap-1 link-hover" href={`/telemetry/alarm-rules/${rule}/`}>
                    <Bell aria-hidden="true" className="mt-px size-3.5 shrink-0" />
                    <span className="wrap-anywhere">
                      {isUpper
                        ? t("{name}: above {value}", { name, value: formatWithUnit(value, datapoint.unit) })
                        : t("{name}: below {value}", { name, value: formatWithUnit(value, datapoint.unit) })}
                    </span>
                  </a>
                </p>
              ))}
            </div>
            <div className="-my-1 -me-1 flex shrink-0">
              <button
                type="button"
                aria-pressed={isHidden}
                aria-label={t("Hide {name}", { name: datapoint.name })}
                title={t("Hide {name}", { name: datapoint.name })}
                className="btn btn-square btn-ghost btn-sm"
                onClick={() => {
                  onToggle(datapoint.id);
                }}
              >
                {isHidden ? <EyeOff aria-hidden="true" className="size-4" /> : <Eye aria-hidden="true" className="size-4" />}
              </button>
              <button
                type="button"
                aria-label={t("Remove {name}", { name: datapoint.name })}
                title={t("Remove {name}", { name: datapoint.name })}
                className="btn btn-square btn-ghost btn-sm"
                onClick={() => {
                  onRemove(datapoint.id);
                }}
              >
                <X aria-hidden="true" className="size-4" />
              </button>
            </div>
          </li>
        );
      })}
    </ul>
  );
}
