// The five steps as pictures: a lifter from the side, toes to the right, in a room with a wall.
// What a step is about is drawn in its own colour and thicker.

import { svg } from "./dom.js";

const FLOOR = 191;
const PLATE = 26;
const LYING = [140, FLOOR - PLATE];

// Joints of each pose: ankle, knee, hip, shoulder, hand, head; where the bar is; what it is about.
const POSES = {
  bend: {
    body: [[124, 184], [131, 148], [90, 118], [133, 80], [140, 126], [150, 62]],
    about: ["trunk"],
    arrows: [[[84, 96], [60, 108]]],
  },
  grab: {
    body: [[124, 184], [133, 149], [88, 126], [134, 92], LYING, [152, 76]],
    about: ["arm"],
    arrows: [[[166, 118], [148, 152]]],
  },
  shins: {
    body: [[124, 184], [145, 149], [88, 131], [136, 95], LYING, [154, 79]],
    about: ["shin"],
    arrows: [[[104, 166], [128, 166]]],
  },
  chest: {
    body: [[124, 184], [144, 149], [90, 134], [142, 88], LYING, [156, 68]],
    about: ["trunk"],
    arrows: [[[154, 102], [206, 92]]],
  },
  pull: {
    body: [[126, 184], [127, 142], [124, 98], [126, 50], [134, 106], [132, 28]],
    bar: [136, 106],
    about: ["shin", "thigh"],
    arrows: [[[100, 150], [100, 184]]],
  },
};

const path = (points, name) =>
  svg("path", { class: name, d: points.map(([x, y], i) => `${i ? "L" : "M"}${x} ${y}`).join("") });

const circle = ([cx, cy], r, name) => svg("circle", { class: name, cx, cy, r });

function arrow([[x0, y0], [x1, y1]]) {
  const length = Math.hypot(x1 - x0, y1 - y0);
  const [ux, uy] = [(x1 - x0) / length, (y1 - y0) / length];
  const side = (sign) => [x1 - 9 * ux + sign * 6 * -uy, y1 - 9 * uy + sign * 6 * ux];
  return [path([[x0, y0], [x1, y1]], "arrow"), path([side(1), [x1, y1], side(-1)], "arrow")];
}

function lifter({ body: [ankle, knee, hip, shoulder, hand, head], about }) {
  const name = (part) => `limb ${about.includes(part) ? "about" : ""}`;
  const toe = [ankle[0] + 24, FLOOR - 2];
  const logo = [(2 * shoulder[0] + hip[0]) / 3 + 6, (2 * shoulder[1] + hip[1]) / 3 + 4];
  return [
    path([[ankle[0] - 6, FLOOR - 2], ankle, toe], "limb"),
    path([ankle, knee], name("shin")),
    path([knee, hip], name("thigh")),
    path([hip, shoulder], name("trunk")),
    circle(head, 12, "head"),
    circle(logo, 4, "logo"),
    path([shoulder, hand], name("arm")),
  ];
}

const room = () => [
  path([[10, FLOOR], [230, FLOOR]], "room"),
  path([[222, FLOOR], [222, 14]], "room"),
];

const loadedBar = (at) => [circle(at, PLATE, "plate"), circle(at, 4, "bar")];

/** Draws a step; the picture's meaning stands beside it in words. */
export function drawing(code) {
  const pose = POSES[code];
  return svg(
    "svg",
    { class: "drawing", viewBox: "0 0 240 200", "aria-hidden": "true" },
    ...room(),
    ...loadedBar(pose.bar ?? LYING),
    ...lifter(pose),
    ...pose.arrows.flatMap(arrow),
  );
}
