// Draws bar paths in true proportion: one unit of the drawing is one millimetre, both ways.

import { svg } from "./dom.js";

// At least this much of the world is shown, so that a short pull is not blown up: mm, y down.
// More of it lies toward the toes: that is where the drift's label goes.
const SMALLEST = { left: -100, right: 160, top: -620, bottom: 30 };
const MARGIN_MM = 30;
const GRID_MM = 100;
const TEXT_PX = 12;

const written = new WeakMap(); // a set's finished paths are drawn again with each sample of the next

function polyline(points) {
  if (!written.has(points)) {
    const steps = points.map(([x, y], i) => `${i ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`);
    written.set(points, steps.join(""));
  }
  return written.get(points);
}

function boundsOf(traces) {
  const box = { ...SMALLEST };
  for (const { up, down } of traces) {
    for (const [x, y] of [...up, ...down]) {
      box.left = Math.min(box.left, x - MARGIN_MM);
      box.right = Math.max(box.right, x + MARGIN_MM);
      box.top = Math.min(box.top, y - MARGIN_MM);
      box.bottom = Math.max(box.bottom, y + MARGIN_MM);
    }
  }
  return box;
}

/** Grows a box to the aspect of the drawing area: the scale stays equal and nothing is empty. */
function fitted(box, aspect) {
  const width = box.right - box.left;
  const height = box.bottom - box.top;
  const wide = Math.max(width, height * aspect);
  const tall = Math.max(height, width / aspect);
  return {
    x: box.left - (wide - width) / 2,
    y: box.top - (tall - height),
    width: wide,
    height: tall,
  };
}

function gridLines(view, mmPerPx) {
  const lines = [];
  const text_mm = TEXT_PX * mmPerPx;
  for (let y = 0; y > view.y; y -= GRID_MM) {
    const line = { x1: view.x, x2: view.x + view.width, y1: y, y2: y };
    lines.push(svg("line", { class: y === 0 ? "floor" : "grid", ...line }));
    const at = { x: view.x + text_mm / 3, y: y - text_mm / 3, "font-size": text_mm };
    const fits = y < 0 && y - 1.5 * text_mm > view.y;
    if (fits) lines.push(svg("text", { class: "grid-text", ...at }, `${-y / 10} cm`));
  }
  return lines;
}

/** Marks how far forward of the vertical line the bar came. */
function driftMark({ forward, drift }, mmPerPx) {
  const [x, y] = forward;
  const text_mm = TEXT_PX * 1.25 * mmPerPx;
  const label = { x: x + 0.8 * text_mm, y: y + text_mm / 3, "font-size": text_mm };
  return svg(
    "g",
    { class: "drift" },
    svg("line", { x1: 0, x2: x, y1: y, y2: y }),
    svg("circle", { cx: x, cy: y, r: 4 * mmPerPx }),
    svg("text", label, drift),
  );
}

function traceGroup(trace, mmPerPx) {
  const group = svg(
    "g",
    { class: `trace ${trace.className ?? ""}`, "data-key": trace.key },
    svg("path", { class: "down", d: polyline(trace.down) }),
    svg("path", { class: "up", d: polyline(trace.up) }),
  );
  if (trace.drift) group.append(driftMark(trace, mmPerPx));
  if (trace.head) {
    const [cx, cy] = trace.head;
    group.append(svg("circle", { class: "head", cx, cy, r: 8 * mmPerPx }));
  }
  return group;
}

/**
 * Takes over an <svg> element.
 *
 * `draw(traces)` shows traces { key, className, up, down, forward, drift, head }: points in
 * millimetres from lift-off, y down; `drift` is the text at the foremost point, `head` the bar's
 * present position. The drawing follows the element's size.
 */
export function createPathView(root) {
  let shown = [];

  function paint() {
    const { width, height } = root.getBoundingClientRect();
    if (width === 0 || height === 0) return;
    const view = fitted(boundsOf(shown), width / height);
    const mmPerPx = view.width / width;
    root.setAttribute("viewBox", `${view.x} ${view.y} ${view.width} ${view.height}`);
    const plumb = { class: "plumb", x1: 0, x2: 0, y1: view.y, y2: view.y + view.height };
    root.replaceChildren(
      ...gridLines(view, mmPerPx),
      svg("line", plumb),
      ...shown.map((trace) => traceGroup(trace, mmPerPx)),
    );
  }

  new ResizeObserver(paint).observe(root);
  return {
    draw(traces) {
      shown = traces;
      paint();
    },
  };
}
