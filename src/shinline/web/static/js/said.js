// The words of the lifter's language, as the device has them: key -> words, "faults.bar_forward".
// A page that could not load them shows what it was written with, and codes as they are spelled.

import { getJson } from "./dom.js";

let said = {};

const RETRY_MS = 2000;

/** Fetches the words; a device that is starting is asked again, and `changed` told when it answers. */
export async function loadWords(changed = () => {}) {
  try {
    const words = await getJson("/words.json");
    said = words.said;
    if (said["states.ready"]) document.documentElement.lang = words.language;
    changed();
  } catch {
    setTimeout(() => loadWords(changed), RETRY_MS);
  }
}

/** Reads a code as words where nobody knows better. */
export const spelled = (code) => code.replaceAll("_", " ");

/** Returns the words of a key, or else `otherwise`. */
export const say = (key, otherwise = spelled(key.split(".").at(-1))) =>
  Object.hasOwn(said, key) ? said[key] : otherwise;

/** Returns the codes of a table, in its order, that begin with `prefix`. */
export const codesOf = (prefix) =>
  Object.keys(said)
    .filter((key) => key.startsWith(prefix))
    .map((key) => key.slice(prefix.length));

/** Puts words into everything of the page that names its key. */
export function sayAll() {
  for (const node of document.querySelectorAll("[data-say]")) {
    node.textContent = say(node.dataset.say, node.textContent);
  }
}
