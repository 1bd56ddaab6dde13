// Numbers as lifters read them. SI in, text out; a value that is null reads as a dash.

import { decimal, fixed, sayWith } from "./sentences.js";

const NONE = "–";

const isNumber = (value) => typeof value === "number" && Number.isFinite(value);

const shown = (scale, digits, unit) => (value) =>
  isNumber(value) ? `${fixed(value * scale, digits)}${unit && ` ${unit}`}` : NONE;

export const millimetres = shown(1000, 0, "mm");
export const centimetres = shown(100, 1, "");
export const speed = shown(1, 2, "");
export const fineSpeed = shown(1, 3, "");
export const seconds = shown(1, 2, "");
export const percent = shown(100, 0, "%");
export const kilograms = (value) => (isNumber(value) ? `${decimal(Number(value.toFixed(2)))} kg` : NONE);

const UNITS = {
  m: millimetres,
  deg: shown(1, 1, "°"),
  "m/s": shown(1, 2, "m/s"),
  "m/s2": shown(1, 1, "m/s²"),
  ratio: percent,
  stops: (value) => (isNumber(value) ? `${value.toFixed(0)}×` : NONE),
  s: shown(1, 2, "s"),
  "": shown(1, 2, ""),
};

/** Formats a fault's value in the unit it came with; an unknown unit is shown as it is. */
export function quantity(value, unit) {
  const format = Object.hasOwn(UNITS, unit) ? UNITS[unit] : shown(1, 2, unit);
  return format(value);
}

/** Appends "± sd" where the deviation is known. */
export const withSpread = (format, value, sd) =>
  isNumber(value) && isNumber(sd) ? `${format(value)} ± ${format(sd)}` : format(value);

/** Names a moment of the recent past in the language of the page: "5s ago". */
export function age(elapsed_ms) {
  const elapsed_s = Math.floor(elapsed_ms / 1000);
  if (elapsed_s < 60) return sayWith("ago.seconds", "{n} s ago", { n: elapsed_s });
  return sayWith("ago.minutes", "{n} min ago", { n: Math.floor(elapsed_s / 60) });
}

/** Names the reader's locale: the browser's, unless the page speaks another language. */
export function locale() {
  const { lang } = document.documentElement;
  return navigator.language.startsWith(lang) ? [] : lang;
}

/** Formats an ISO time for the reader's own clock and language. */
export function moment(iso) {
  const when = new Date(iso);
  if (Number.isNaN(when.getTime())) return String(iso);
  return when.toLocaleString(locale(), { dateStyle: "medium", timeStyle: "short" });
}
