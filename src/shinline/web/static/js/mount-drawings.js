// A line drawing for each step of the calibration: what the lifter is to do, seen by the camera.

import { svg } from "./dom.js";

const FLOOR_Y = 104;
const PLATE_R = 40;

const path = (d, className = "ink") => svg("path", { class: className, d });
const circle = (cx, cy, r, className = "ink") => svg("circle", { class: className, cx, cy, r });

/** A marker as it is printed: a black disc with a white middle, on white paper. */
const ring = (x, y, r = 9, className = "") =>
  svg(
    "g",
    { class: `ring ${className}` },
    circle(x, y, 1.5 * r, "paper"),
    circle(x, y, r, "disc"),
    circle(x, y, 0.41 * r, "paper"),
  );

const floor = () => path(`M8 ${FLOOR_Y}H232`, "ground");

function plate(x, y = FLOOR_Y - PLATE_R, className = "") {
  const rim = circle(x, y, PLATE_R, "rim");
  return svg("g", { class: className }, rim, circle(x, y, PLATE_R - 7), ring(x, y));
}

/** An arrow; the head is two strokes at its end, at an angle to the last direction. */
function arrow(d, [x, y], degrees) {
  const head = svg("path", { class: "go", d: "M-9 -6 0 0-9 6" });
  head.setAttribute("transform", `translate(${x} ${y}) rotate(${degrees})`);
  return svg("g", {}, path(d, "go"), head);
}

const hook = (x) => path(`M${x - 26} 8H${x + 26}`, "ground");

function lyingBar() {
  return [floor(), plate(100), circle(192, 64, 20), path("M192 38v6M187 36h10M192 64V50M192 64l9 6", "still")];
}

function hangingString() {
  return [
    hook(120),
    path("M120 8V88"),
    path("M120 8V108", "plumb"),
    ring(120, 40, 8, "before"),
    ring(120, 88),
    arrow("M152 46V82", [152, 84], 90),
  ];
}

function swingingString() {
  return [
    hook(120),
    path("M120 8V104", "plumb"),
    path("M120 8 84 84", "faint"),
    ring(84, 84, 9, "before"),
    path("M120 8 156 84"),
    ring(156, 84),
    arrow("M102 100q18 6 36 0", [140, 99], -18),
  ];
}

function fallingMarker() {
  return [
    floor(),
    ring(120, 20, 9, "before"),
    ring(120, 48, 9, "before"),
    ring(120, 82),
    arrow("M152 22V84", [152, 86], 90),
  ];
}

function doorFrame() {
  return [floor(), path("M74 104V10H166V104M84 104V20H156V104"), path("M120 10V104", "plumb"), circle(148, 66, 3)];
}

function rollingBar() {
  return [floor(), plate(64, undefined, "before"), plate(168), arrow("M92 22H144", [146, 22], 0)];
}

function turningPlate() {
  return [floor(), plate(120), arrow("M76 34A54 54 0 0 1 164 34", [165, 36], 60)];
}

function markerAtTwoHeights() {
  return [floor(), plate(120), ring(200, 84, 9), ring(200, 24, 9, "before"), arrow("M220 84V28", [220, 26], -90)];
}

function lensChart() {
  const squares = [];
  for (let i = 0; i < 20; i += 1) {
    const [column, row] = [i % 5, Math.floor(i / 5)];
    if ((column + row) % 2) continue;
    squares.push(svg("rect", { class: "disc", x: 80 + 16 * column, y: 22 + 16 * row, width: 16, height: 16 }));
  }
  return [svg("rect", { class: "paper", x: 74, y: 16, width: 92, height: 76 }), ...squares];
}

function cameraBeside() {
  return [
    floor(),
    plate(60),
    path("M150 52h34v26H150zM150 60l-12 -6v22l12 -6M167 78v10M167 88l-14 16M167 88l14 16"),
    path("M136 62H108", "plumb"),
  ];
}

const DRAWINGS = {
  rest: lyingBar,
  plumb: swingingString,
  again: swingingString,
  string: hangingString,
  swing: swingingString,
  fall: fallingMarker,
  drop: fallingMarker,
  edges: doorFrame,
  roll: rollingBar,
  rolled: rollingBar,
  spin: turningPlate,
  spun: turningPlate,
  heights: markerAtTwoHeights,
  lens: lensChart,
};

/** Draws a step; one of a newer device gets the camera beside the bar. */
export function drawing(id) {
  const draw = Object.hasOwn(DRAWINGS, id) ? DRAWINGS[id] : cameraBeside;
  return svg("svg", { class: "drawing", viewBox: "0 0 240 112", "aria-hidden": "true" }, ...draw());
}
