// The repetitions of the set in a table; a row opens to its verdicts and to what people call it.

import { verdictItems, worstOf } from "./cue-verdicts.js";
import { el } from "./dom.js";
import { speed } from "./format.js";
import { icon } from "./icons.js";
import { labelButtons } from "./rep-labels.js";
import { say } from "./said.js";
import { words } from "./set-fields.js";
import { labelShape, labelWord } from "./set-words.js";
import { heightOf, lengthNumber } from "./units.js";
import { faultWord, reasonWords } from "./words.js";

const NONE = "–";

const unitHead = (key, english, unit) =>
  el("th", { scope: "col" }, words(key, english), ...(unit ? [el("small", {}, ` ${unit}`)] : []));

/** Why a number is missing: the device's own first note, or that nobody knows. */
const whyOf = (rep) => reasonWords(rep.notes?.[0]) || say("table.not_measured", "not measured");

/**
 * A number with its standard deviation below it, or a dash with the reason: an empty cell would
 * look like a mistake.
 */
function numberCell(rep, format, value, sd, attributes = {}) {
  const isKnown = Number.isFinite(value);
  const spread = isKnown && Number.isFinite(sd) ? [el("small", {}, `± ${format(sd)}`)] : [];
  const below = isKnown ? spread : [el("small", {}, whyOf(rep))];
  return el("td", attributes, isKnown ? format(value) : NONE, ...below);
}

function verdictCell(rep, label) {
  const { word, shape, tone, code } = worstOf(rep, label);
  const what = code ? [el("small", {}, faultWord(code))] : [];
  const text = el("span", {}, el("b", {}, word), ...what);
  return el("td", { class: "worst" }, el("span", { class: `verdict tone-${tone}` }, icon(shape), text));
}

const labelMark = (label) =>
  label ? [el("small", { class: `label-mark ${label}` }, icon(labelShape(label)), labelWord(label))] : [];

/**
 * Takes `page`: `ask(verb, fields)`, `label(id)` what a repetition is called, `changed()`.
 *
 * `draw({ view, best, length, isTechnique })` takes what set-book.js finds and the lifter's unit.
 */
export function createRepTable(page) {
  const box = el("div", { class: "reps" });
  const panels = new Map(); // of one repetition each, kept so that a refusal stays to be read
  let opened = null;
  let drawn = "";
  let shown = null;

  function toggle(id) {
    opened = opened === id ? null : id;
    drawn = "";
    draw(shown);
    box.querySelector(`[data-rep="${CSS.escape(id)}"]`)?.focus();
  }

  box.addEventListener("click", (event) => {
    const pressed = event.target.closest(".rep-open");
    if (pressed) toggle(pressed.dataset.rep);
  });

  function panelOf(rep) {
    const known = panels.get(rep.id);
    if (known) return known;
    const made = labelButtons(rep.id, () => page.label(rep.id), page.ask, page.changed);
    panels.set(rep.id, made);
    return made;
  }

  function openRow(rep, columns) {
    const panel = panelOf(rep);
    panel.paint();
    const title = words("table.call_it", "What was it?", "h4");
    const list = el("ul", { class: "faults" }, ...verdictItems(rep));
    const cell = el("td", { colspan: String(columns) }, title, panel.box, list);
    return el("tr", { class: "opened", id: `open-${rep.id}` }, cell);
  }

  function repRow({ rep }, best, { length, isTechnique }) {
    const isOpen = rep.id === opened;
    const label = page.label(rep.id);
    const head = el(
      "button",
      {
        type: "button",
        class: "button rep-open",
        "data-rep": rep.id,
        "aria-expanded": String(isOpen),
        "aria-label": `${say("table.rep", "Rep")} ${rep.rep}`,
      },
      String(rep.rep),
    );
    const star = best?.entry.rep.id === rep.id ? [words("table.best", "best", "small")] : [];
    const name = el("th", { scope: "row" }, head, ...star, ...labelMark(label));
    const inHeight = (m) => lengthNumber(m, heightOf(length));
    const inLength = (m) => lengthNumber(m, length);
    const { mean_velocity_mps, mean_velocity_sd_mps, rom_m, drift_forward_m, drift_sd_m } = rep;
    const row = el(
      "tr",
      { class: "rep" },
      name,
      ...(isTechnique ? [] : [numberCell(rep, speed, mean_velocity_mps, mean_velocity_sd_mps)]),
      numberCell(rep, inHeight, rom_m, null),
      numberCell(rep, inLength, drift_forward_m, drift_sd_m),
      verdictCell(rep, label),
    );
    return isOpen ? [row, openRow(rep, row.children.length)] : [row];
  }

  function missingRow(number, columns) {
    const why = words("table.missing", "Not received by this phone");
    const name = el("th", { scope: "row" }, String(number));
    return el("tr", { class: "missing" }, name, el("td", { colspan: String(columns - 1) }, `${NONE} `, why));
  }

  function build({ view, best, length, isTechnique }) {
    const heads = [
      unitHead("table.rep", "Rep"),
      ...(isTechnique ? [] : [unitHead("table.speed", "Speed", "m/s")]),
      unitHead("table.height", "Height", heightOf(length).unit),
      unitHead("table.forward", "Forward", length.unit),
      unitHead("table.verdict", "Verdict"),
    ];
    const rows = [
      ...view.entries.map((entry) => [entry.rep.rep, () => repRow(entry, best, { length, isTechnique })]),
      ...view.missing.map((number) => [number, () => [missingRow(number, heads.length)]]),
    ].sort(([a], [b]) => a - b);
    const body = el("tbody", {}, ...rows.flatMap(([, make]) => make()));
    return el("table", {}, el("thead", {}, el("tr", {}, ...heads)), body);
  }

  /** Rebuilds only for news: a table that is replaced under a finger loses the press. */
  function draw(next) {
    shown = next;
    if (next === null || next.view.entries.length + next.view.missing.length === 0) {
      if (drawn !== "none") box.replaceChildren(words("table.none", "No rep of this set yet.", "p"));
      drawn = "none";
      return;
    }
    const { view, best, length, isTechnique } = next;
    const labels = view.entries.map(({ rep }) => page.label(rep.id) ?? "");
    const key = JSON.stringify([
      view.entries.map(({ rep }) => rep),
      [view.missing, labels, best?.entry.rep.id, length.unit, isTechnique, opened],
      document.documentElement.lang,
    ]);
    if (key === drawn) return;
    drawn = key;
    box.replaceChildren(build(next));
  }

  return {
    box,
    draw,
    reword() {
      drawn = "";
      panels.clear();
    },
  };
}
