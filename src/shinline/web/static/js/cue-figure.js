// The one giant number: which repetition this is, or how fast the last one was.

import { isLifting } from "./cue-view.js";
import { speed } from "./format.js";

const NONE = { text: "", unit: "" };

/**
 * Returns the last repetition where it is of the present set and lifter, or null: the last one that
 * was retained may be somebody else's, or of a set long ago.
 */
export function presentRep({ state, last }) {
  const rep = last?.rep;
  if (!rep || !(state?.rep > 0)) return null;
  const isPresent = rep.set === state.set && rep.lifter === state.lifter && rep.rep <= state.rep;
  return isPresent ? rep : null;
}

/**
 * Chooses the number of the far view, { text, unit }; empty where there is none to show.
 *
 * During a pull it is the repetition. Between pulls it is the mean velocity of the last one, but
 * for a lifter who works at technique, who is shown none, and the repetition stays.
 */
export function figureOf(model) {
  const { state } = model;
  const count = state?.rep ? { text: String(state.rep), unit: "" } : NONE;
  if (isLifting(state) || state?.mode === "technique") return count;
  const velocity_mps = presentRep(model)?.mean_velocity_mps;
  return typeof velocity_mps === "number" ? { text: speed(velocity_mps), unit: "m/s" } : count;
}
