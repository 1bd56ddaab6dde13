// The level: a bubble that floats to the high side, with a band for how sure that is.

import { setText, svg } from "./dom.js";
import { CHECK_STATES, levelWords } from "./mount-words.js";

const FULL_DEG = 3; // at either end of the tube
const HALF = 150;
const TRAVEL = 124;
const SLIMMEST_BAND = 3;

const clamped = (degrees) => (Math.min(Math.max(degrees / FULL_DEG, -1), 1) * TRAVEL).toFixed(1);

function bubble({ roll_deg, roll_sd_deg }) {
  const x = clamped(roll_deg);
  const half = Math.min(Math.max((roll_sd_deg / FULL_DEG) * TRAVEL, SLIMMEST_BAND), 2 * TRAVEL);
  return [
    svg("rect", { class: "band", x: x - half - 17, y: -15, width: 2 * half + 34, height: 30, rx: 15 }),
    svg("ellipse", { class: "bubble", cx: x, cy: 0, rx: 17, ry: 11 }),
  ];
}

/** Takes over an <svg> and the element with its words. */
export function createLevel(root, words) {
  root.setAttribute("viewBox", `${-HALF} -22 ${2 * HALF} 44`);
  return {
    draw(level, state) {
      const { tone } = CHECK_STATES[state];
      root.setAttribute("class", `tube ${level.known ? "known" : "unknown"} tone-${tone}`);
      root.replaceChildren(
        svg("rect", { class: "glass", x: -HALF + 2, y: -19, width: 2 * HALF - 4, height: 38, rx: 19 }),
        ...(level.known ? bubble(level) : []),
        ...[-24, 24].map((x) => svg("line", { class: "mark", x1: x, x2: x, y1: -19, y2: 19 })),
      );
      setText(words, levelWords(level, state === "good"));
    },
  };
}
