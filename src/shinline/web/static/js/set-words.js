// The words of the set's sheets that are put together from parts.

import { say, spelled } from "./said.js";
import { decimal } from "./sentences.js";
import { massText } from "./units.js";
import { liftWord, reasonWords } from "./words.js";

const MODE_WORDS = {
  standard: ["Standard", "Cues after a rep, speeds shown"],
  technique: ["Technique", "Work on the line; no speeds"],
  test: ["Test", "No cues: see what has stayed"],
};

export const modeWord = (mode) => say(`set.modes.${mode}`, MODE_WORDS[mode][0]);
export const modeNote = (mode) => say(`set.mode_notes.${mode}`, MODE_WORDS[mode][1]);

const LABEL_WORDS = {
  good: { english: "Good rep", shape: "tick" },
  bad: { english: "Needs work", shape: "triangle" },
  failed: { english: "Missed", shape: "cross" },
  false: { english: "Not a rep", shape: "dash" },
};

export const LABELS = Object.keys(LABEL_WORDS);

/** A newer device may know labels that this page does not. */
const rowOf = (label) =>
  Object.hasOwn(LABEL_WORDS, label) ? LABEL_WORDS[label] : { english: spelled(label), shape: "dot" };

export const labelShape = (label) => rowOf(label).shape;
export const labelWord = (label) => say(`table.labels.${label}`, rowOf(label).english);

const BEST = {
  clean: "Fastest without a fault",
  fastest: "Fastest",
  straightest: "Straightest",
};

/** Says by what a repetition is the best of its set. */
export const bestWord = (why) => say(`table.best_${why}`, BEST[why]);

/** Counts repetitions: "1 rep", "5 reps". */
export const repsText = (count) =>
  `${count} ${count === 1 ? say("set.rep_one", "rep") : say("set.rep_many", "reps")}`;

/** Writes a plan in a line; what was not given is left out. */
export const planLine = ({ lifter, lift, load_kg, target_reps, target_rpe }, mass) =>
  [
    lifter,
    liftWord(lift),
    load_kg ? massText(load_kg, mass) : "",
    target_reps ? repsText(target_reps) : "",
    target_rpe ? `RPE ${decimal(target_rpe)}` : "",
  ]
    .filter(Boolean)
    .join(" · ");

const HOW = {
  theirs: "Changed on another phone",
  over: "Another phone changed it right after you; theirs counts",
  under: "Another phone had just changed it; yours counts",
};

/** Says what somebody else did. */
export function newsText({ verb, data, how }, mass) {
  const head = say(`set.news.${how}`, HOW[how]);
  return `${head}: ${didWhat(verb, data, mass)}`;
}

function didWhat(verb, data, mass) {
  if (verb === "end_set") return say("set.stopped", "set ended");
  if (verb === "mute")
    return data.on ? say("set.muted", "cues off") : say("set.unmuted", "cues on");
  return planLine(data.plan ?? {}, mass);
}

const REP_ID = /'[\w-]*'/;

/** Says a reason of the device in the reader's words, without the name of what was asked. */
export const deviceReason = (text) => {
  const plain = text.replace(/^[a-z_]+: /, "").replace(REP_ID, "");
  const said = reasonWords(plain);
  return said === plain ? text : said;
};

/** Says why nothing came of a request. */
export function refusal({ status, error }) {
  if (status === "silent") return say("set.silent", "No answer from the device. It may not have heard.");
  return `${say("set.refused", "The device refused")}: ${deviceReason(error)}`;
}
