/** Times as a person says them. */
import { t, words } from "./index.svelte";

/** The language with the person's region, where the system names one: 24 hours in Britain, AM and PM in America. */
function locale(): string {
  return navigator.languages.find((tag) => tag.split("-")[0] === words.language) ?? words.language;
}

function dayNumber(date: Date): number {
  return Math.round(new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime() / 86_400_000);
}

/** A time of today alone, "yesterday" with its time, else the date with the time. */
export function when(rfc3339: string, now = new Date()): string {
  const date = new Date(rfc3339);
  const time = timeOf(date);
  const days = dayNumber(now) - dayNumber(date);
  if (days === 0) return time;
  if (days === 1) return t("when-yesterday", { time });
  const sameYear = date.getFullYear() === now.getFullYear();
  const day = new Intl.DateTimeFormat(locale(), {
    day: "numeric",
    month: "long",
    ...(sameYear ? {} : { year: "numeric" }),
  }).format(date);
  return t("when-day", { day, time });
}

/** Hours and minutes. */
export function timeOf(date: Date): string {
  return new Intl.DateTimeFormat(locale(), { timeStyle: "short" }).format(date);
}

/** A day that may be far away. */
export function dateOf(rfc3339: string): string {
  return new Intl.DateTimeFormat(locale(), { dateStyle: "long" }).format(new Date(rfc3339));
}

/** Milliseconds with their unit. */
export function milliseconds(value: number): string {
  return new Intl.NumberFormat(locale(), { style: "unit", unit: "millisecond", unitDisplay: "short" }).format(value);
}

/** A count, with the language's separators. */
export function count(value: number): string {
  return new Intl.NumberFormat(locale()).format(value);
}

/** How far away a time is, forwards or back, in the largest unit that fills once. */
export function distance(rfc3339: string, now = new Date()): string {
  const minutes = Math.round((new Date(rfc3339).getTime() - now.getTime()) / 60_000);
  // "0 minutes ago" is nobody's way of saying now.
  if (minutes === 0) return new Intl.RelativeTimeFormat(locale(), { numeric: "auto" }).format(0, "second");
  const units: [Intl.RelativeTimeFormatUnit, number][] = [
    ["day", 24 * 60],
    ["hour", 60],
  ];
  const [unit, size] = units.find(([, size]) => Math.abs(minutes) >= size) ?? ["minute", 1];
  return new Intl.RelativeTimeFormat(locale(), { numeric: "always" }).format(Math.round(minutes / size), unit);
}
