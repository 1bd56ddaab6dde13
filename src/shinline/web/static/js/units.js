// What a lifter reads and types, in the units of the lifter's choice. The device knows kilograms
// and metres only: pounds and inches begin and end here.

import { decimal, fixed } from "./sentences.js";

const KG_PER_LB = 0.45359237;
const M_PER_IN = 0.0254;
const NONE = "–";

export const MOST_KG = 600;

const isNumber = (value) => typeof value === "number" && Number.isFinite(value);

/** Rounds to a whole number of `grain`s; counts in grains, so that 0.1 + 0.2 stays 0.3. */
const rounded = (value, perUnit) => Math.round(value * perUnit) / perUnit;

/**
 * How a load is counted: `perUnit` grains to the unit (a hundredth of a kilogram, half a pound),
 * `small` and `large` steps, and the step to which a share of a load is rounded.
 */
export const MASSES = {
  kg: { unit: "kg", kg: 1, perUnit: 100, small: 2.5, large: 10 },
  lb: { unit: "lb", kg: KG_PER_LB, perUnit: 2, small: 5, large: 25 },
};

/** Returns a load of the device in the unit, rounded to its grain. */
export const fromKg = (kg, { kg: each, perUnit }) => rounded(kg / each, perUnit);

/**
 * Returns what the device is told, in hundredths of a kilogram: half a pound is 0.23 kg, so a load
 * that was shown in halves of a pound comes back as the same halves.
 */
export const toKg = (value, { kg: each }) => Math.min(rounded(value * each, 100), MOST_KG);

/** The heaviest load in the unit that the device accepts. */
export const mostOf = ({ kg: each, perUnit }) => Math.floor((MOST_KG / each) * perUnit) / perUnit;

export const inRange = (value, mass) => isNumber(value) && value >= 0 && value <= mostOf(mass);

/** Moves a load by a step, and no farther than a bar can be loaded. */
export const stepped = (value, by, mass) =>
  Math.min(Math.max(rounded(value + by, mass.perUnit), 0), mostOf(mass));

/** Returns a share of a load as plates make it: the nearest whole small step. */
export const shareOf = (value, share, { small }) => Math.round((value * share) / small) * small;

/** Reads what was typed, with a comma or a point; null is no load in range. */
export function readMass(text, mass) {
  const plain = text.trim().replace(",", ".");
  if (!/^\d{1,4}(\.\d{0,2})?$/.test(plain)) return null;
  const value = rounded(Number(plain), mass.perUnit);
  return inRange(value, mass) ? value : null;
}

/** Writes a load as the reader's language does: "142.5". */
export const massNumber = (kg, mass) => (isNumber(kg) ? decimal(fromKg(kg, mass)) : NONE);

/** Writes a load with its unit: "142.5 kg". */
export const massText = (kg, mass) =>
  isNumber(kg) ? `${massNumber(kg, mass)} ${mass.unit}` : NONE;

/** Small lengths, such as how far the bar moved forward. */
export const LENGTHS = {
  mm: { unit: "mm", m: 0.001, digits: 0 },
  in: { unit: "in", m: M_PER_IN, digits: 1 },
};

export const lengthNumber = (m, { m: each, digits }) =>
  isNumber(m) ? fixed(m / each, digits) : NONE;

export const lengthText = (m, length) =>
  isNumber(m) ? `${lengthNumber(m, length)} ${length.unit}` : NONE;

/** Long lengths go with them: how high the bar rose. */
const HEIGHTS = { mm: { unit: "cm", m: 0.01, digits: 1 }, in: { unit: "in", m: M_PER_IN, digits: 1 } };

export const heightOf = (length) => HEIGHTS[length.unit];
