// The plan of a set, as it is put together on the phone before the device is asked. No DOM.

import { fromKg, shareOf, stepped, toKg } from "./units.js";

export const LIFTS = ["conventional", "sumo", "trap_bar", "blocks", "romanian", "stiff_leg"];
export const MODES = ["standard", "technique", "test"];
export const MOST_REPS = 100;
export const LONGEST_NAME = 64;

const LEAST_RPE = 6;
const MOST_RPE = 10;

/** The ratings a lifter can give: below six nobody can tell one from another. */
export const RPES = Array.from({ length: 9 }, (_, i) => LEAST_RPE + i / 2);

/** Returns the plan that is in force, from the device's `state`. */
export const planOf = (state) => ({
  lifter: state?.lifter ?? "",
  lift: LIFTS.includes(state?.lift) ? state.lift : LIFTS[0],
  load_kg: state?.load_kg ?? 0,
  target_reps: state?.target_reps ?? 0,
  target_rpe: state?.target_rpe ?? null,
  mode: MODES.includes(state?.mode) ? state.mode : MODES[0],
});

/**
 * Reads a name as the device takes it: 1 to 64 characters as Python counts them, no blanks around
 * it. Returns null for anything else.
 */
export function readName(text) {
  const name = text.normalize("NFC").replaceAll(/\s+/gu, " ").trim();
  const length = [...name].length;
  return length >= 1 && length <= LONGEST_NAME ? name : null;
}

/** Moves the target: 0 means none. */
export const steppedReps = (reps, by) => Math.min(Math.max(reps + by, 0), MOST_REPS);

/** Moves the target RPE in halves; below the least there is none. */
export function steppedRpe(rpe, by) {
  if (rpe === null) return by > 0 ? LEAST_RPE : null;
  const next = rpe + by / 2;
  return next < LEAST_RPE ? null : Math.min(next, MOST_RPE);
}

/** The changes that are asked for most, each of a load in kg and the lifter's unit. */
export const QUICK = {
  same: (load_kg) => load_kg,
  more: (load_kg, mass) => toKg(stepped(fromKg(load_kg, mass), mass.small, mass), mass),
  less: (load_kg, mass) => toKg(shareOf(fromKg(load_kg, mass), 0.9, mass), mass),
};

/** Returns the plan that was last used with a lifter's name, or the present one. */
export function planFor(plan, lifter, known) {
  const row = known.find((each) => each.lifter === lifter);
  if (!row) return { ...plan, lifter };
  const lift = LIFTS.includes(row.lift) ? row.lift : plan.lift;
  return { ...plan, lifter, lift, load_kg: row.load_kg ?? plan.load_kg };
}
