// What the mounting page knows, and whether it may be believed. No DOM, no clock: times are
// arguments, in milliseconds of this phone's monotonic clock.

import { createModel, freshness } from "./model.js";
import { worded } from "./sentences.js";

export const PICTURE_STOPPED_MS = 2000;
const SAME_SHAPE = 0.02; // of the aspect: a preview's sides are whole pixels

export const createMountModel = () => ({
  link: createModel(),
  asked: "no", // whether the device answers: no, waiting, ok, error, silent
  refusal: "",
  mount: null,
  picture_ms: -Infinity,
  notes: new Map(), // where -> { text, tone }: what came of the last request made there
  busy: new Set(), // where a request waits for its answer
});

const ASKING = worded("mount", {
  asking_silent: ["No answer", "triangle"],
  asking_refused: ["No live view", "triangle"],
  asking: ["Asking the camera", "ring"],
  looking: ["Looking", "ring"],
});

// The first row that applies says why an otherwise live device cannot be believed.
const DOUBTS = [
  [(m) => m.asked === "silent", ASKING.asking_silent],
  [(m) => m.asked === "error", ASKING.asking_refused],
  [(m) => m.asked !== "ok", ASKING.asking],
  [(m) => !m.mount, ASKING.looking],
];

/**
 * Judges the page's own truth, as the cue page does, and one thing more: what the device keeps for
 * late-comers may be of last week, so it counts from when the device answered this page.
 */
export function believable(model, now_ms) {
  const fresh = freshness(model.link, now_ms);
  if (fresh.stale) return fresh;
  const doubt = DOUBTS.find(([applies]) => applies(model));
  if (!doubt) return fresh;
  const { word, shape } = doubt[1];
  return { word, shape, stale: true, age_ms: fresh.age_ms };
}

/** Takes what the device says now. A step that has gone on has outlived what was noted at it. */
export function takeMount(model, mount) {
  const before = new Map(model.mount?.steps.map((step) => [step.id, step.state]));
  for (const { id, state } of mount.steps) {
    if (before.has(id) && before.get(id) !== state) model.notes.delete(`step:${id}`);
  }
  model.mount = mount;
}

/** Whether a picture may lie under the overlay: one of another shape would make it lie. */
export function fitsPicture(mount, { width, height }) {
  if (!mount) return true;
  const aspect = mount.width_px / mount.height_px;
  return Math.abs(width / height / aspect - 1) <= SAME_SHAPE;
}

const isLeft = ({ state, optional }) => !optional && (state === "todo" || state === "failed");

/** Finds the step that the lifter is to do next; null when only saving is left. */
export const currentStep = ({ steps }) =>
  steps.find(({ state }) => state === "active") ?? steps.find(isLeft) ?? null;

/** The device's last error, unless the same words already stand where they belong. */
export function problemOf(model) {
  const problem = model.mount?.problem ?? "";
  const said = [...model.notes.values()].some(({ text }) => text.includes(problem));
  return said ? "" : problem;
}
