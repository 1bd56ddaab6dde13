// Words with figures in them, and whole sentences of the device, in the reader's language.

import { deviceWords, say, sayAll, speaksAsDevice } from "./said.js";

const PLACE = /\{(\w+)\}/g;
const AS_IT_IS = "name"; // a place for what is no number, and is not to be read as one

/** Writes a number as the reader's language does: with a point or a comma. */
export const decimal = (text) => String(text).replace(/(\d)\.(?=\d)/g, `$1${say("page.decimal", ".")}`);

/** Writes a number out with so many decimals. */
export const fixed = (value, digits) => decimal(value.toFixed(digits));

/** Puts values into the places of a text; several keys stand for their words. */
function fill(text, values) {
  return text.replace(PLACE, (place, name) => {
    if (!Object.hasOwn(values, name)) return place;
    const value = values[name];
    if (Array.isArray(value)) return value.map((key) => say(key)).join(", ");
    return name === AS_IT_IS ? value : decimal(value);
  });
}

/** Returns the words of a key with values in their places. */
export const sayWith = (key, otherwise, values) => fill(say(key, otherwise), values);

const escaped = (text) => text.replaceAll(/[.*+?^$()|[\]\\]/g, "\\$&");

/** Turns a text with places into a pattern for what the device makes of it, at the beginning. */
function patternOf(text) {
  const parts = text.split(PLACE);
  const isPlace = (i) => i % 2 === 1;
  const shape = parts.map((part, i) => (isPlace(i) ? `(?<${part}>[\\d.,]+)` : escaped(part)));
  return new RegExp(`^${shape.join("")}(?: |$)`);
}

/**
 * Says a text of the device in the reader's language: sentence by sentence, by the device's own
 * table. One that is in no table, or of an older language of the device, stays as it came.
 */
export function translated(text, section) {
  if (typeof text !== "string") return "";
  if (speaksAsDevice()) return text;
  const rows = Object.entries(deviceWords()).filter(([key]) => key.startsWith(`${section}.`));
  const said = [];
  let rest = text;
  while (rest) {
    const [key, found] = firstMatch(rows, rest);
    if (!found || say(key, null) === null) return text;
    said.push(fill(say(key), numbers(found.groups)));
    rest = rest.slice(found[0].length);
  }
  return said.join(" ");
}

/** Reads the numbers of a text of the device, which may have commas. */
const numbers = (groups = {}) =>
  Object.fromEntries(Object.entries(groups).map(([name, text]) => [name, text.replace(",", ".")]));

function firstMatch(rows, text) {
  for (const [key, words] of rows) {
    const found = patternOf(words).exec(text);
    if (found) return [key, found];
  }
  return [null, null];
}

const UNIT = /(\d) (?=(?:%|mm|cm|m|s|m\/s)(?:[ .,;:]|$))/g;

/** Keeps a number and its unit on one line. */
const unbroken = (text) => text.replaceAll(UNIT, "$1\u00a0");

/** Says what the device said: by its keys where all are known, else in the device's own words. */
export function tell(said, text) {
  if (!said?.length) return text;
  const parts = said.map(({ key, values }) => {
    if (!key) return translated(values?.[AS_IT_IS], "camera");
    const words = say(key, null);
    return words === null ? null : fill(words, values ?? {});
  });
  return parts.includes(null) ? text : unbroken(parts.join(" "));
}

/** Makes a table of words and shapes whose words follow the reader's language. */
export const worded = (section, rows) =>
  Object.fromEntries(
    Object.entries(rows).map(([code, [word, shape, tone]]) => [
      code,
      {
        shape,
        tone,
        get word() {
          return say(`${section}.${code}`, word);
        },
      },
    ]),
  );

/** Puts the reader's words into the page, its title and the names of its parts. */
export function sayPage(titleKey) {
  sayAll();
  const [title, ...rest] = document.title.split(" · ");
  document.title = [say(titleKey, title), ...rest].join(" · ");
}
