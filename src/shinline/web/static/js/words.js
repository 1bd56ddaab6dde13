// Every word a lifter reads that stands for a code of the wire, with the shape drawn beside it.
// Shapes are names in icons.js: colour never carries a meaning alone.

import { say, spelled } from "./said.js";

const worded = (section, shapes) =>
  Object.fromEntries(
    Object.entries(shapes).map(([code, [word, shape]]) => [
      code,
      {
        shape,
        get word() {
          return say(`${section}.${code}`, word);
        },
      },
    ]),
  );

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
  const word = say("page.not_judged", "not judged").toLowerCase();
  return { word, shape: "dash", tone: "unknown" };
};
const fine = () => ({ word: say("table.fine", "fine"), shape: "tick", tone: "good" });
const FINE_SEVERITIES = new Set(["good", "info"]);

/** What stands beside the faults, whose titles come with the lifter's language. */
const OTHERS = {
  set_complete: "Set complete",
  effort_high: "Effort",
  warm_up_short: "Warm-up",
  camera_moved: "Camera moved",
  marker_lost: "Marker lost",
  whole_rep: "This rep",
};

const MARKS = {
  camera_moved: {
    word: "Camera moved",
    shape: "camera",
    short: "numbers in doubt",
    meaning:
      "The numbers are kept as they were measured, but the picture they stand on no longer " +
      "agrees with the floor: compare them with those of other reps with care.",
  },
  not_level: {
    word: "Camera not levelled",
    shape: "camera",
    short: "drift in doubt",
    meaning:
      "Nobody has shown the camera what is upright. Heights and speeds hold; how far the bar " +
      "moved forward or back may be off by a centimetre. Set up the camera once to cure it.",
  },
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

const lookUp = (table) => (code) => {
  if (typeof code !== "string") return "";
  return Object.hasOwn(table, code) ? table[code] : spelled(code);
};

const otherWord = lookUp(OTHERS);

export const faultWord = (code) =>
  typeof code === "string" ? say(`faults.${code}`, otherWord(code)) : "";
export const styleWord = lookUp(STYLES);
const englishLift = lookUp(LIFTS);

export const liftWord = (code) =>
  typeof code === "string" ? say(`set.lifts.${code}`, englishLift(code)) : "";

/** Says what a rep's numbers are to be read with. */
export const markWord = (code) =>
  Object.hasOwn(MARKS, code)
    ? MARKS[code]
    : { word: spelled(code), shape: "triangle", short: "read with care", meaning: "" };

/** What the banner says: the alarm's own words, or that there was one. */
export const floorWords = ({ floor_text }) =>
  floor_text || "The bar at rest does not look as it did. Put the camera back.";

/** Stands for the verdicts of a rep that has none: silence would read as "all fine". */
export const unjudged = (rep) => ({ code: "whole_rep", assessed: false, reason: rep.notes?.[0] });

/** Says how a fault was judged. What was not assessed is never called fine. */
export function verdict(fault) {
  if (!fault.assessed) return notJudged();
  if (FINE_SEVERITIES.has(fault.severity)) return fine();
  const { word, shape } = SEVERITIES[fault.severity];
  return { word: word.toLowerCase(), shape, tone: fault.severity };
}
