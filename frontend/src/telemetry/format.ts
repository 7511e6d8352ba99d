/** Numbers and times in the page's language. */
import { pageLanguage, pageTimeZone, t } from "../messages";

/** At most four significant digits after a small whole part; enough to read, few enough to compare at a glance. */
export function formatValue(value: number): string {
  const size = Math.abs(value);
  const digits = size >= 1000 ? 0 : size >= 100 ? 1 : size >= 1 ? 2 : 4;
  return new Intl.NumberFormat(pageLanguage(), { maximumFractionDigits: digits }).format(value);
}

/** The value with its unit, divided by a narrow space that does not break. */
export function formatWithUnit(value: number, unit: string): string {
  return unit ? `${formatValue(value)}\u202f${unit}` : formatValue(value);
}

function inPageZone(options: Intl.DateTimeFormatOptions, zone?: string): Intl.DateTimeFormat {
  const timeZone = zone ?? pageTimeZone();
  return new Intl.DateTimeFormat(pageLanguage(), { ...options, ...(timeZone ? { timeZone } : {}) });
}

/** Day and time, in the zone of the page or in another. */
export function formatMoment(time: number, zone?: string): string {
  return inPageZone({ dateStyle: "medium", timeStyle: "medium" }, zone).format(time);
}

const MINUTE_S = 60;
const DAY_S = 86_400;

/** A time under the axis, as short as the distance of the ticks (`incrementS`) and the window allow. */
export function formatTick(time: number, incrementS: number, windowS: number): string {
  if (incrementS >= DAY_S) {
    return inPageZone({ day: "numeric", month: "short" }).format(time);
  }
  if (incrementS < MINUTE_S) {
    return inPageZone({ timeStyle: "medium" }).format(time);
  }
  return inPageZone(windowS > DAY_S ? { weekday: "short", hour: "numeric", minute: "2-digit" } : { timeStyle: "short" }).format(
    time,
  );
}

const UNITS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1000],
];

/** How long ago `time` was: "just now", "40 seconds ago", "2 hours ago". */
export function formatAge(time: number, now: number): string {
  const age = now - time;
  if (age < 5000) {
    return t("just now");
  }
  const [unit, length] = UNITS.find(([, size]) => age >= size) ?? ["second", 1000];
  const format = new Intl.RelativeTimeFormat(pageLanguage(), { numeric: "always", style: "short" });
  return format.format(-Math.floor(age / length), unit);
}
