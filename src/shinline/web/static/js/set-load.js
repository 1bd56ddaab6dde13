// What is on the bar: a number that is stepped or typed, and the plates that make it.

import { el, setText, svg } from "./dom.js";
import { BARS, drawPlates, loadedBar, spokenPlates } from "./plates.js";
import { say } from "./said.js";
import { decimal } from "./sentences.js";
import { button, words } from "./set-fields.js";
import { QUICK } from "./set-plan.js";
import { keep, recall } from "./store.js";
import { fromKg, massNumber, mostOf, readMass, stepped, toKg } from "./units.js";

const BAR_KEY = "shinline.bar";

/** The bar is a thing of this room, not of the device: it only draws the plates. */
function storedBar(unit) {
  const stored = Number(recall(`${BAR_KEY}.${unit}`));
  return BARS[unit].includes(stored) ? stored : BARS[unit][0];
}

/** Says what lies on each side, and what no plates make up. */
export function sideText(value, bar, { side, left }, unit) {
  if (value === 0) return say("set.no_load", "No load given");
  if (left < 0) return `${say("set.bar_heavier", "The bar alone weighs")} ${bar} ${unit}`;
  const plates = side.length ? spokenPlates(side) : say("set.bar_only", "the bar alone");
  const rest = left ? ` · ${say("set.left_over", "no plates for")} ${decimal(left)} ${unit}` : "";
  return `${say("set.each_side", "Each side")}: ${plates}${rest}`;
}

/** The bars to choose from; `paint(mass)` offers those of the unit and returns the chosen one. */
function createBars(repaint) {
  const box = el("div", { class: "bars", role: "group", "aria-labelledby": "bars-name" });

  function offer({ unit }) {
    if (box.dataset.unit === unit) return;
    box.dataset.unit = unit;
    const offered = BARS[unit].map((weight) =>
      button(`${weight} ${unit}`, { "data-bar": weight }, () => {
        keep(`${BAR_KEY}.${unit}`, String(weight));
        repaint();
      }),
    );
    box.replaceChildren(words("set.bar", "Bar", "span", { id: "bars-name" }), ...offered);
  }

  function paint(mass) {
    offer(mass);
    const bar = storedBar(mass.unit);
    for (const node of box.querySelectorAll("button")) {
      node.setAttribute("aria-pressed", String(Number(node.dataset.bar) === bar));
    }
    return bar;
  }

  return { box, paint };
}

/**
 * `mass()` is the lifter's unit, `picked(load_kg)` tells of a load. What is typed and cannot be a
 * load stays as it is, with what was expected beside it; `problem()` says so as well.
 */
export function createLoad(mass, picked) {
  let typed = null;
  let shown_kg = 0;

  const input = el("input", {
    id: "load",
    type: "text",
    inputmode: "decimal",
    autocomplete: "off",
    "aria-describedby": "load-problem",
  });
  const unit = el("span", { class: "unit" });
  const problemLine = el("p", { id: "load-problem", class: "problem", role: "alert" });
  const moves = el("div", { class: "moves" });
  const drawing = svg("svg", { class: "plates", role: "img" });
  const perSide = el("p", { class: "per-side" });
  const bars = createBars(() => paint(shown_kg));
  const label = el("label", { for: "load", class: "unseen" }, words("set.load", "Load"));
  const field = el(
    "fieldset",
    { class: "load-of" },
    words("set.load", "Load", "legend"),
    el("div", { class: "load-row" }, label, input, unit),
    problemLine,
    moves,
    drawing,
    perSide,
    bars.box,
  );

  input.addEventListener("input", () => {
    typed = input.value;
    const value = readMass(typed, mass());
    if (value === null) paint(shown_kg);
    else picked(toKg(value, mass()));
  });
  input.addEventListener("focus", () => input.select());
  input.addEventListener("blur", () => {
    if (!isOdd()) stop();
    paint(shown_kg);
  });

  const isOdd = () => typed !== null && readMass(typed, mass()) === null;

  const problem = () =>
    isOdd()
      ? `${say("set.load_range", "Expected a load from 0 to")} ${mostOf(mass())} ${mass().unit}`
      : "";

  function stop() {
    typed = null;
  }

  function move(change) {
    stop();
    picked(change(shown_kg, mass()));
  }

  const moveBy = (by) => (load_kg, unitOf) =>
    toKg(stepped(fromKg(load_kg, unitOf), by, unitOf), unitOf);

  function paintMoves({ unit: name, small, large }) {
    if (moves.dataset.unit === name) return;
    moves.dataset.unit = name;
    const steps = [-large, -small, small, large].map((by) =>
      button(`${by > 0 ? "+" : "−"}${decimal(Math.abs(by))}`, { class: "button step" }, () =>
        move(moveBy(by)),
      ),
    );
    const less = button("−10 %", { class: "button step", "data-quick": "less" }, () =>
      move(QUICK.less),
    );
    moves.replaceChildren(...steps, less);
  }

  function paintPlates(unitOf) {
    const bar = bars.paint(unitOf);
    const value = fromKg(shown_kg, unitOf);
    const loaded = loadedBar(value, bar, unitOf.unit);
    const text = sideText(value, bar, loaded, unitOf.unit);
    const key = `${unitOf.unit} ${loaded.side}|${text}`;
    if (drawing.dataset.key === key) return;
    drawing.dataset.key = key;
    drawPlates(drawing, loaded.side, unitOf.unit);
    drawing.setAttribute("aria-label", text);
    setText(perSide, text);
    perSide.classList.toggle("odd", loaded.left !== 0 && value > 0);
  }

  function paint(load_kg) {
    const unitOf = mass();
    shown_kg = load_kg;
    if (typed === null) input.value = massNumber(load_kg, unitOf);
    input.setAttribute("aria-invalid", String(isOdd()));
    setText(problemLine, problem());
    setText(unit, unitOf.unit);
    paintMoves(unitOf);
    paintPlates(unitOf);
  }

  return { field, paint, problem, stop };
}
