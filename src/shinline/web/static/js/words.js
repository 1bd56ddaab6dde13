// Every word a lifter reads that stands for a code of the wire, with the shape drawn beside it.
// Shapes are names in icons.js: colour never carries a meaning alone.

import { say, spelled } from "./said.js";
import { sayWith, translated, worded } from "./sentences.js";

export const PHASES = worded("phases", {
  idle: ["Waiting for the bar", "ring"],
  ready: ["Ready", "dot"],
  slack: ["Tight", "half"],
  pull: ["Pull", "up"],
  lockout: ["Top", "square"],
  lowering: ["Down", "down"],
  floor: ["Floor", "bar"],
});

export const SEVERITIES = worded("severities", {
  good: ["Good", "tick"],
  info: ["Note", "dot"],
  warn: ["Watch", "triangle"],
  fault: ["Fix", "diamond"],
  stop: ["Stop", "octagon"],
});

const notJudged = () => {
  const word = say("page.not_judged", "Not judged").toLowerCase();
  return { word, shape: "dash", tone: "unknown" };
};
const FINE = worded("others", { fine: ["fine", "tick", "good"] }).fine;
const FINE_SEVERITIES = new Set(["good", "info"]);

/** What stands beside the faults, which have a section of their own. */
const OTHERS = {
  set_complete: "Set complete",
  effort_high: "Effort",
  warm_up_short: "Warm-up",
  camera_moved: "Camera moved",
  marker_lost: "Marker lost",
  whole_rep: "This rep",
};

// What a rep's numbers are to be read with: a word, what is in doubt, and what that means.
const MARKS = {
  camera_moved: [
    "Camera moved",
    "numbers in doubt",
    "The numbers are kept as measured, but the picture they stand on no longer agrees with the " +
      "floor. Compare them with other reps with care.",
  ],
  not_level: [
    "Camera not levelled",
    "drift in doubt",
    "Heights and speeds hold; how far the bar moved forward or back may be off by a centimetre. " +
      "Set up the camera once to cure it.",
  ],
  nobody_seen: [
    "Nobody seen",
    "no lifter at the bar",
    "The bar was lifted, but nobody was seen at it just before. The numbers are kept as " +
      "measured; they may be of no lifter.",
  ],
};

const STYLES = {
  dead_stop: "From a stop",
  touch_and_go: "Touch and go",
  bounce: "Bounced",
  dropped: "Dropped",
};

const LIFTS = {
  conventional: "Conventional",
  sumo: "Sumo",
  trap_bar: "Trap bar",
  blocks: "From blocks",
  romanian: "Romanian",
  stiff_leg: "Stiff-leg",
};

const lookUp = (section, table) => (code) => {
  if (typeof code !== "string") return "";
  return Object.hasOwn(table, code) ? say(`${section}.${code}`, table[code]) : spelled(code);
};

const otherWord = lookUp("others", OTHERS);

/** Says what a verdict on the hips stands on, where the lifter wore no stickers. */
export function seenBy(fault, hip) {
  if (!fault.assessed || !fault.details?.without_stickers) return "";
  return hip?.source === "pose"
    ? say("seen.pose", "seen by a pose network, no stickers")
    : say("seen.outline", "seen from your outline, no stickers");
}

/** Marks the value of a fault of which only a part was seen. */
export const atLeast = (fault) => (fault.details?.at_least ? "≥ " : "");

export const faultWord = (code) =>
  typeof code === "string" ? say(`faults.${code}`, otherWord(code)) : "";
export const styleWord = lookUp("styles", STYLES);
export const liftWord = lookUp("lifts", LIFTS);

/** Says what a rep's numbers are to be read with. */
export function markWord(code) {
  if (!Object.hasOwn(MARKS, code)) {
    const short = say("marks.unknown_short", "read with care");
    return { word: spelled(code), shape: "triangle", short, meaning: "" };
  }
  const [word, short, meaning] = MARKS[code];
  return {
    word: say(`marks.${code}`, word),
    shape: "camera",
    short: say(`marks.${code}_short`, short),
    meaning: say(`marks.${code}_meaning`, meaning),
  };
}

/** What the banner says: the alarm's own words, or that there was one. */
export const floorWords = ({ floor_text }) =>
  translated(floor_text ?? "", "camera") ||
  say("marks.floor", "The bar at rest does not look as it did. Put the camera back.");

/** What stands in for the numbers while the camera gives no picture. */
export const silentWords = () => ({
  word: say("marks.silent", "No picture"),
  shape: "camera",
  text: say("marks.silent_meaning", "The camera is being started again. Check its cable."),
});

const NUMBER = /\d+(?:\.\d+)?/g;

/**
 * Says why something could not be judged. The journal keeps the reason as the coach words it; its
 * key is that text with "n" for each number, and its numbers are a and b.
 */
export function reasonWords(reason) {
  if (typeof reason !== "string") return "";
  const [a = "", b = ""] = reason.match(NUMBER) ?? [];
  const code = reason
    .replace(NUMBER, "n")
    .toLowerCase()
    .replaceAll(/[^a-z]+/g, "_");
  return sayWith(`reasons.${code}`, reason, { a, b });
}

/** Stands for the verdicts of a rep that has none: silence would read as "all fine". */
export const unjudged = (rep) => ({ code: "whole_rep", assessed: false, reason: rep.notes?.[0] });

/** Says how a fault was judged. What was not assessed is never called fine. */
export function verdict(fault) {
  if (!fault.assessed) return notJudged();
  if (FINE_SEVERITIES.has(fault.severity)) return FINE;
  const { word, shape } = SEVERITIES[fault.severity];
  return { word: word.toLowerCase(), shape, tone: fault.severity };
}
