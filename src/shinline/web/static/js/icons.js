// Shapes that carry a meaning together with a word. They are drawn from this table and not loaded,
// because the one that says "no connection" is needed when nothing can be loaded.

import { svg } from "./dom.js";

const SHAPES = {
  ring: "M12 2a10 10 0 1 0 .01 0zm0 4a6 6 0 1 1-.01 0z",
  dot: "M12 2a10 10 0 1 0 .01 0z",
  half: "M12 2a10 10 0 1 0 .01 0zM5 12a7 7 0 0 1 14 0z",
  up: "M12 2 23 21H1z",
  down: "M12 22 1 3h22z",
  square: "M3 3h18v18H3z",
  bar: "M1 17h22v4H1z",
  eye: "M12 5C6 5 2.5 9.5 1 12c1.5 2.5 5 7 11 7s9.5-4.5 11-7c-1.5-2.5-5-7-11-7zm0 3a4 4 0 1 1-.01 0z",
  dash: "M1 10h6v4H1zM9 10h6v4H9zM17 10h6v4h-6z",
  tick: "M1.5 13 4.7 9.8 9 14.1 19.3 3.8 22.5 7 9 20.5z",
  cross: "M5 2 12 9l7-7 3 3-7 7 7 7-3 3-7-7-7 7-3-3 7-7-7-7z",
  triangle: "M12 2 23 21H1zm-1.4 6v6.5h2.8V8zm0 8.2V19h2.8v-2.8z",
  diamond: "M12 1 23 12 12 23 1 12z",
  camera: "M8 4h8l2 3h5v14H1V7h5zM12 9a4.7 4.7 0 1 0 .01 0zm0 2.4a2.3 2.3 0 1 1-.01 0z",
  plates: "M1 10.5h3v3H1zM5 6h3v12H5zM9 2h4v20H9zM14 10.5h9v3h-9z",
  speaker: "M2 8h5l6-5v18l-6-5H2zM16 8.5a5 5 0 0 1 0 7v-2.6a2 2 0 0 0 0-1.8zM16 4a9 9 0 0 1 0 16v-2.6a6.6 6.6 0 0 0 0-10.8z",
  silent: "M2 8h5l6-5v18l-6-5H2zM15.5 9.6l2-2 2.2 2.3 2.2-2.3 2 2-2.2 2.3 2.2 2.3-2 2-2.2-2.3-2.2 2.3-2-2 2.2-2.3z",
  octagon: "M7.5 1h9L23 7.5v9L16.5 23h-9L1 16.5v-9z",
};

/** Draws a shape into an <svg class="icon">; hidden from screen readers, the word speaks. */
export function setIcon(node, shape) {
  if (node.dataset.shape === shape) return;
  node.dataset.shape = shape;
  node.replaceChildren(svg("path", { d: SHAPES[shape] }));
}

/** Creates an icon. */
export function icon(shape) {
  const node = svg("svg", { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true" });
  setIcon(node, shape);
  return node;
}
