// Words and shapes of the mounting page. No term of optics or mathematics: the reader lifts.

import { say } from "./said.js";
import { fixed, sayWith, worded } from "./sentences.js";

export const VERDICTS = worded("mount", {
  ready: ["Ready", "tick", "good"],
  usable: ["Usable", "triangle", "warn"],
  not_ready: ["Not ready", "diamond", "fault"],
});

// In the order in which they are listed: what needs a hand comes first.
export const CHECK_STATES = worded("mount", {
  bad: ["fix", "diamond", "fault"],
  fair: ["could be better", "triangle", "warn"],
  unknown: ["not known", "dash", "unknown"],
  good: ["fine", "tick", "good"],
});

export const STEP_STATES = worded("mount", {
  todo: ["To do", "ring", "muted"],
  active: ["Measuring", "dot", "info"],
  done: ["Done", "tick", "good"],
  failed: ["Not yet", "triangle", "warn"],
  skipped: ["Skipped", "dash", "unknown"],
});

const ADVICE = {
  marker:
    "Stick the bar marker flat on the end of the bar, facing the camera. A larger print, or a " +
    "nearer camera, makes it larger in the picture.",
  level:
    "Turn the camera on its mount toward the low side until the bubble is in the middle. Bubble " +
    "dashed? Do the step with the string below.",
  distance: "Stand the camera to the side of the bar, about 2.5 to 4 m away.",
  height: "Half way up the lift is best for the lens: about 0.5 m above the floor, 0.9 m with body markers.",
  angle: "Move the camera along the wall until it looks straight at the end of the bar: the plate is round then.",
  view: "Move the camera back, or tilt it a little, until both dashed plates are inside the picture.",
  blur: "More light on the bar makes it sharper while it moves. So does a camera that stands farther away.",
  light: "Put light on the marker from the camera's side, and keep lamps and windows out of the picture.",
  body: "Wear the body markers on the side that faces the camera, outside the hatched parts of the picture.",
  lens: "Show the printed lens chart to the camera once: shinline calibrate lens. It holds until the lens is changed.",
  calibration: "Do the steps below, then save.",
};

/** Says what would make a check better; empty for a check of a newer device. */
export const adviceFor = (code) =>
  Object.hasOwn(ADVICE, code) ? say(`mount.advice_${code}`, ADVICE[code]) : "";

const ROLES = {
  bar: "bar",
  hip: "hip",
  shoulder: "shoulder",
  knee: "knee",
  ankle: "ankle",
  mid_back: "mid back",
  crest: "pelvis",
};

// What was seen to have moved -> its key, and its word.
const MOVED = {
  roll: ["level", "level"],
  tilt: ["tilt", "tilt"],
  pitch: ["tilt", "tilt"],
  direction: ["direction", "direction"],
  azimuth: ["direction", "direction"],
  angle: ["direction", "direction"],
  height: ["height", "height"],
  floor: ["floor", "floor height"],
  floor_ok: ["floor", "floor height"],
  distance: ["distance", "distance"],
  scale: ["distance", "distance"],
  focal: ["lens", "lens"],
  lens: ["lens", "lens"],
  lens_position: ["lens", "lens"],
  exposure: ["light", "light"],
};

const spelled = (code) => code.replaceAll("_", " ");

export const roleWord = (role) =>
  Object.hasOwn(ROLES, role) ? say(`check.role_${role}`, ROLES[role]) : spelled(role);

/** Says what is to be done again: what has moved, or the title of a step. */
export function movedWord(code) {
  if (!Object.hasOwn(MOVED, code)) return say(`calibrate.title_${code}`, spelled(code));
  const [key, word] = MOVED[code];
  return say(`mount.moved_${key}`, word);
}

/** Names a check or a step; one of a newer device has the device's own title. */
export const checkTitle = ({ code, title }) => say(`check.title_${code}`, title);
export const stepTitle = ({ id, title, said }) =>
  said?.length ? say(`calibrate.title_${id}`, title) : title;

const UNITS = {
  px: (value) => sayWith("mount.pixels", "{n} pixels", { n: fine(value) }),
  deg: (value) => `${fixed(value, 1)}°`,
  m: (value) => `${fixed(value, 2)} m`,
  mm: (value) => `${fine(value)} mm`,
  "": (value) => fixed(value, 2),
};

/** Shows a number with as many digits as a reader can use. */
export const fine = (value) => fixed(value, Math.abs(value) < 9.95 ? 1 : 0);

/** Writes a measured value with how sure it is, in the unit it came with. */
export function measured({ value, sd, unit }) {
  if (typeof value !== "number") return "";
  const write = Object.hasOwn(UNITS, unit ?? "") ? UNITS[unit ?? ""] : (v) => `${fine(v)} ${unit}`;
  return typeof sd === "number" ? `${write(value)} ± ${write(sd)}` : write(value);
}

/**
 * Says which side of the camera is high, unless its check is good: then nobody is to touch it.
 * `roll_deg` is positive where a plumb line leans to the right at its upper end.
 */
export function levelWords({ known, roll_deg, roll_sd_deg }, isFine) {
  if (!known) return say("mount.level_unknown", "not known yet");
  const by = { deg: Math.abs(roll_deg).toFixed(1), sd: roll_sd_deg.toFixed(1) };
  if (isFine) return sayWith("mount.level_fine", "fine, off by {deg}° ± {sd}°", by);
  return roll_deg > 0
    ? sayWith("mount.level_right", "right side high by {deg}° ± {sd}°", by)
    : sayWith("mount.level_left", "left side high by {deg}° ± {sd}°", by);
}
