// What a rep's numbers are to be read with. A mark takes no number away: it says what it stands on.

import { el } from "./dom.js";
import { icon } from "./icons.js";
import { sayWith, translated } from "./sentences.js";
import { markWord } from "./words.js";

export const marksOf = (rep) => rep.marks ?? []; // a rep of an older device has none

const noteId = (set, code) => `set-${set}-${code}`;

/**
 * Finds the alarm's own words: of the one in force at the rep's end, or else of the next, for the
 * bar comes to rest, and is looked at, after the end. Empty when none was kept.
 */
function alarmText(rep, events) {
  const isBefore = ({ t }) => Date.parse(t) <= Date.parse(rep.end);
  const isAlarm = ({ changed }) => changed.length > 0;
  const last = events.findLast(isBefore);
  if (last && isAlarm(last)) return translated(last.text, "camera");
  const next = events.find((event) => isAlarm(event) && !isBefore(event));
  return translated(next?.text ?? "", "camera");
}

/** Draws a mark as the phone's list shows it. */
export function markItem(code) {
  const { word, shape, short } = markWord(code);
  const words = el("span", {}, word, el("b", {}, short));
  return el("li", { class: "verdict mark tone-warn" }, icon(shape), words);
}

/** Draws a rep's marks below its number: the reason when pointed at, and the way to it in text. */
export const markLinks = (rep, set, events) =>
  marksOf(rep).map((code) => {
    const { word, shape, meaning } = markWord(code);
    const title = [alarmText(rep, events), meaning].filter(Boolean).join(" ");
    return el(
      "a",
      { class: "mark tone-warn", href: `#${noteId(set, code)}`, title },
      icon(shape),
      word,
    );
  });

/** Draws a rep's marks at the head of its column. */
export const markBadges = (rep) =>
  marksOf(rep).map((code) => {
    const { word, shape } = markWord(code);
    return el("small", { class: "mark tone-warn" }, icon(shape), word);
  });

const repNames = (numbers) => sayWith("review.rep", "Rep {n}", { n: numbers.join(", ") });

/** Gathers the reps that share a reason: [["the alarm's words", [2, 3]], ...]. */
function byReason(reps, events) {
  const groups = new Map();
  for (const rep of reps) {
    const text = alarmText(rep, events);
    groups.set(text, [...(groups.get(text) ?? []), rep.rep]);
  }
  return [...groups];
}

function markNote(set, code, reps, events) {
  const { word, shape, meaning } = markWord(code);
  const marked = reps.filter((rep) => marksOf(rep).includes(code));
  const reasons = byReason(marked, events).map(([text, numbers]) =>
    el("p", {}, el("b", {}, `${repNames(numbers)}. `), text),
  );
  return el(
    "div",
    { class: "mark-note tone-warn", id: noteId(set, code), role: "note" },
    icon(shape),
    el("div", {}, el("p", {}, el("b", { class: "mark" }, word)), ...reasons, el("p", {}, meaning)),
  );
}

/** Explains the marks of a set in text; one note for each kind of mark. */
export function markNotes({ set, reps }, events) {
  const codes = new Set(reps.flatMap(marksOf));
  return [...codes].map((code) => markNote(set, code, reps, events));
}
