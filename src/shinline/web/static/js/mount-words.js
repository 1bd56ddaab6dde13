// Words and shapes of the mounting page. No term of optics or mathematics: the reader lifts.

export const VERDICTS = {
  ready: { word: "Ready", shape: "tick", tone: "good" },
  usable: { word: "Usable", shape: "triangle", tone: "warn" },
  not_ready: { word: "Not ready", shape: "diamond", tone: "fault" },
};

// In the order in which they are listed: what needs a hand comes first.
export const CHECK_STATES = {
  bad: { word: "fix", shape: "diamond", tone: "fault" },
  fair: { word: "could be better", shape: "triangle", tone: "warn" },
  unknown: { word: "not known", shape: "dash", tone: "unknown" },
  good: { word: "fine", shape: "tick", tone: "good" },
};

export const STEP_STATES = {
  todo: { word: "To do", shape: "ring", tone: "muted" },
  active: { word: "Measuring", shape: "dot", tone: "info" },
  done: { word: "Done", shape: "tick", tone: "good" },
  failed: { word: "Not yet", shape: "triangle", tone: "warn" },
  skipped: { word: "Skipped", shape: "dash", tone: "unknown" },
};

export const NO_ANSWER = "The device did not answer. Try again.";

const ADVICE = {
  marker:
    "Stick the bar marker flat on the end of the bar, facing the camera. A larger print, or a " +
    "camera that stands nearer, makes it larger in the picture.",
  level:
    "Turn the camera on its mount toward the side that is low, until the bubble is in the middle. " +
    "If the bubble is dashed, do the step with the string below.",
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
export const adviceFor = (code) => (Object.hasOwn(ADVICE, code) ? ADVICE[code] : "");

const ROLES = {
  bar: "bar",
  hip: "hip",
  shoulder: "shoulder",
  knee: "knee",
  ankle: "ankle",
  mid_back: "mid back",
  crest: "pelvis",
};

const MOVED = {
  roll: "level",
  tilt: "tilt",
  pitch: "tilt",
  direction: "direction",
  azimuth: "direction",
  angle: "direction",
  height: "height",
  floor: "floor height",
  floor_ok: "floor height",
  distance: "distance",
  scale: "distance",
  focal: "lens",
  lens: "lens",
  lens_position: "lens",
  exposure: "light",
};

const spelled = (code) => code.replaceAll("_", " ");
const lookUp = (table) => (code) => (Object.hasOwn(table, code) ? table[code] : spelled(code));

export const roleWord = lookUp(ROLES);
export const movedWord = lookUp(MOVED);

const UNITS = {
  px: (value) => `${fine(value)} pixels`,
  deg: (value) => `${value.toFixed(1)}°`,
  m: (value) => `${value.toFixed(2)} m`,
  mm: (value) => `${fine(value)} mm`,
  "": (value) => value.toFixed(2),
};

/** Shows a number with as many digits as a reader can use. */
export const fine = (value) => (Math.abs(value) < 9.95 ? value.toFixed(1) : value.toFixed(0));

/** Writes a measured value with how sure it is, in the unit it came with. */
export function measured({ value, sd, unit }) {
  if (typeof value !== "number") return "";
  const write = Object.hasOwn(UNITS, unit ?? "") ? UNITS[unit ?? ""] : (v) => `${fine(v)} ${unit}`;
  return typeof sd === "number" ? `${write(value)} ± ${write(sd)}` : write(value);
}

/** Splits a headline into the verdict's word, which is drawn huge, and the rest of the sentence. */
export function because(verdict, headline) {
  const { word } = VERDICTS[verdict];
  const rest = headline.toLowerCase().startsWith(word.toLowerCase())
    ? headline.slice(word.length)
    : headline;
  return rest.replace(/^[\s,.:;–—-]+/u, "");
}

/**
 * Says which side of the camera is high, unless its check is good: then nobody is to touch it.
 * `roll_deg` is positive where a plumb line leans to the right at its upper end.
 */
export function levelWords({ known, roll_deg, roll_sd_deg }, isFine) {
  if (!known) return "not known yet";
  const by = `${Math.abs(roll_deg).toFixed(1)}° ± ${roll_sd_deg.toFixed(1)}°`;
  if (isFine) return `fine, off by ${by}`;
  return `${roll_deg > 0 ? "right" : "left"} side high by ${by}`;
}
