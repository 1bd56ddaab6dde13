// The words of the lifter's language, as the device has them: key -> words, "faults.bar_forward".
// A page that could not load them shows what it was written with, and codes as they are spelled.

import { getJson } from "./dom.js";
import { onSettings, settings } from "./settings.js";

let said = {};
let device = {};
const listeners = new Set();

const RETRY_MS = 2000;

/** Fetches the words, those of this phone's own language if it has one, and has them shown. */
async function fetchWords() {
  const usual = await getJson("/words.json");
  const wanted = settings().language || usual.language;
  const words = wanted === usual.language ? usual : await getJson(`/words/${wanted}.json`);
  device = usual.said;
  said = words.said;
  if (said["states.ready"]) document.documentElement.lang = words.language;
  for (const listener of listeners) listener();
}

/** Whether words have come, so that the page is in the language that it names. */
export const hasWords = () => Object.keys(said).length > 0;

/**
 * Fetches the words; a device that is starting is asked again. `changed` is told when they come, and
 * whenever they change, until it is given to `forgetWords`.
 */
export async function loadWords(changed = () => {}) {
  listeners.add(changed);
  await fetchWords().catch(() => setTimeout(() => listeners.has(changed) && loadWords(changed), RETRY_MS));
}

export const forgetWords = (changed) => listeners.delete(changed);

onSettings((now, before) => now.language !== before.language && fetchWords().catch(() => {}));

/** Reads a code as words where nobody knows better. */
export const spelled = (code) => code.replaceAll("_", " ");

/** Returns the words of a key, or else `otherwise`. */
export const say = (key, otherwise = spelled(key.split(".").at(-1))) =>
  Object.hasOwn(said, key) ? said[key] : otherwise;

/** Returns the table by which the device itself speaks. */
export const deviceWords = () => device;

/** Whether this phone speaks as the device does: then what it says need not be said again. */
export const speaksAsDevice = () => device === said;

const NUMBER = "{mm}";

/** Finds what a text of the device stands for: its key and the number in it, or null. */
function keyOf(text, code) {
  const fits = ([key, words]) => {
    const [before, after] = words.split(NUMBER);
    const isSame = after === undefined ? text === words : between(text, before, after) !== null;
    return (key.startsWith("cues.") || key === "camera.cue") && isSame;
  };
  const found = Object.entries(device).filter(fits);
  return (found.find(([key]) => key.startsWith(`cues.${code}`)) ?? found[0])?.[0] ?? null;
}

/** Returns what stands between two texts, null when it is no number. */
function between(text, before, after) {
  if (!text.startsWith(before) || !text.endsWith(after)) return null;
  const middle = text.slice(before.length, text.length - after.length);
  return /^\d+$/.test(middle) ? middle : null;
}

/**
 * Says a cue of the device in the language of this phone, its number with it. One that is not in
 * the device's table, or not in this phone's, is said as it came.
 */
export function sayCue({ text, code }) {
  const key = device === said ? null : keyOf(text, code);
  if (!key || !Object.hasOwn(said, key)) return text;
  const number = between(text, ...device[key].split(NUMBER).concat(""));
  return said[key].replace(NUMBER, number ?? "");
}

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
  for (const node of document.querySelectorAll("[data-say-label]")) {
    node.setAttribute("aria-label", say(node.dataset.sayLabel, node.getAttribute("aria-label")));
  }
}
