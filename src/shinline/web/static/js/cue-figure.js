// The one giant number: which repetition this is, or how fast the last one was.

import { isLifting } from "./cue-view.js";
import { speed } from "./format.js";

const NONE = { text: "", unit: "" };

/**
 * Chooses the number of the far view, { text, unit }; empty where there is none to show.
 *
 * During a pull it is the repetition. Between pulls it is the mean velocity of the last one, but
 * for a lifter who works at technique, who is shown none, and the repetition stays.
 */
export function figureOf({ state, last }) {
  const count = state?.rep ? { text: String(state.rep), unit: "" } : NONE;
  if (isLifting(state) || state?.mode === "technique") return count;
  const velocity_mps = last?.rep?.mean_velocity_mps;
  return typeof velocity_mps === "number" ? { text: speed(velocity_mps), unit: "m/s" } : count;
}
