// Which plates go on the bar, and a drawing of one side of it.

import { svg } from "./dom.js";
import { decimal } from "./sentences.js";

/** The bars there are; the first is the usual one. */
export const BARS = { kg: [20, 15, 10], lb: [45, 35, 15] };

// Heaviest first: [weight, height in the drawing, width, tone]. The colours are those of
// competition plates; every plate has its number written on it as well.
const PLATES = {
  kg: [
    [25, 100, 15, "red"],
    [20, 100, 14, "blue"],
    [15, 90, 13, "yellow"],
    [10, 76, 12, "green"],
    [5, 56, 11, "white"],
    [2.5, 44, 10, "black"],
    [1.25, 36, 10, "steel"],
    [0.5, 30, 10, "steel"],
    [0.25, 26, 10, "steel"],
  ],
  lb: [
    [45, 100, 15, "blue"],
    [35, 90, 13, "yellow"],
    [25, 80, 13, "green"],
    [10, 60, 12, "white"],
    [5, 48, 11, "black"],
    [2.5, 38, 10, "steel"],
  ],
};

const HUNDREDTHS = 100;

/**
 * Loads a bar: the fewest plates, heaviest first, the same on both sides.
 *
 * Returns { side: [25, 25, 10], left }: `left` is what no pair of plates makes up, and is negative
 * where the bar alone is heavier.
 */
export function loadedBar(load, bar, unit) {
  // Counted in hundredths, of both sides together: a quarter of a kilogram is no binary fraction.
  let left = Math.round((load - bar) * HUNDREDTHS);
  const side = [];
  for (const [weight] of PLATES[unit]) {
    const pair = 2 * weight * HUNDREDTHS;
    for (; left >= pair; left -= pair) side.push(weight);
  }
  return { side, left: left / HUNDREDTHS };
}

/** Counts plates for the ear: "2 × 25 + 10". */
export function spokenPlates(side) {
  const counts = new Map();
  for (const weight of side) counts.set(weight, (counts.get(weight) ?? 0) + 1);
  return [...counts]
    .map(([weight, n]) => (n > 1 ? `${n} × ${decimal(weight)}` : decimal(weight)))
    .join(" + ");
}

const SHAFT = 26;
const SLEEVE = 150;
const GAP = 1.5;
const MIDDLE = 54;

function plate([weight, height, width, tone], x) {
  const y = MIDDLE - height / 2;
  const at = { x: x + width / 2, y: MIDDLE };
  return svg(
    "g",
    { class: `plate ${tone}` },
    svg("rect", { x, y, width, height, rx: 2.5 }),
    svg("text", { ...at, transform: `rotate(-90 ${at.x} ${at.y})` }, decimal(weight)),
  );
}

/** Draws one side into an <svg>, the collar on the left; more plates than fit make it longer. */
export function drawPlates(root, side, unit) {
  const rows = side.map((weight) => PLATES[unit].find(([each]) => each === weight));
  let x = SHAFT + 6;
  const plates = rows.map((row) => {
    const drawn = plate(row, x);
    x += row[2] + GAP;
    return drawn;
  });
  const end = Math.max(SLEEVE, x + 14);
  root.setAttribute("viewBox", `0 0 ${end + 2} ${2 * MIDDLE}`);
  root.replaceChildren(
    svg("rect", { class: "shaft", x: 0, y: MIDDLE - 3, width: SHAFT, height: 6 }),
    svg("rect", { class: "sleeve", x: SHAFT, y: MIDDLE - 5.5, width: end - SHAFT, height: 11, rx: 2 }),
    svg("rect", { class: "sleeve", x: SHAFT, y: MIDDLE - 14, width: 5, height: 28, rx: 2 }),
    ...plates,
  );
}
