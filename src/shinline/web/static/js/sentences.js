// Words with figures in them, and whole sentences of the device, in the reader's language.

import { say, sayAll } from "./said.js";

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

/** Says what the device said: by its keys where all are known, else in the device's own words. */
export function tell(said, text) {
  if (!said?.length) return text;
  const parts = said.map(({ key, values }) => {
    const words = key ? say(key, null) : `{${AS_IT_IS}}`;
    return words === null ? null : fill(words, values ?? {});
  });
  return parts.includes(null) ? text : parts.join(" ");
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
  const [title] = document.title.split(" · ");
  document.title = `${say(titleKey, title)} · Shinline`;
  for (const node of document.querySelectorAll("[data-say-label]")) {
    node.setAttribute("aria-label", say(node.dataset.sayLabel, node.getAttribute("aria-label")));
  }
}
