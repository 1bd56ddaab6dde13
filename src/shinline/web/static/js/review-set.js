// One set of a session: paths, table, verdicts and speeds, with one rep picked out of all of them.

import { recordedPull } from "./bar-path.js";
import { el, svg } from "./dom.js";
import {
  centimetres,
  fineSpeed,
  millimetres,
  percent,
  seconds,
  speed,
  withSpread,
} from "./format.js";
import { markLinks, markNotes } from "./marks.js";
import { createPathView } from "./path-view.js";
import { adviceBox, verdictTable } from "./review-verdicts.js";
import { speedChart } from "./speed-chart.js";
import { styleWord } from "./words.js";

// Told apart by every kind of colour vision, and by the dashes from the ninth rep on.
const INKS = 8;

const inkClass = (index) => `ink-${index % INKS}${index >= INKS ? " second-round" : ""}`;

const plainMillimetres = (value) => millimetres(value).replace(" mm", "");

const COLUMNS = [
  ["Height", "cm", (rep) => centimetres(rep.rom_m)],
  [
    "Mean speed",
    "m/s",
    (rep) => withSpread(fineSpeed, rep.mean_velocity_mps, rep.mean_velocity_sd_mps),
  ],
  ["Peak", "m/s", (rep) => speed(rep.peak_velocity_mps)],
  ["Time up", "s", (rep) => seconds(rep.concentric_s)],
  [
    "Forward",
    "mm",
    (rep) => withSpread(plainMillimetres, rep.drift_forward_m, rep.drift_sd_m),
  ],
  ["Style", "", (rep) => styleWord(rep.style)],
  ["Tracked", "", (rep) => percent(rep.tracked_ratio)],
];

/** Turns a rep's recorded path into what the drawing takes, or null when there is none. */
function traceOf(rep, path, index) {
  const pull = path && recordedPull(path, rep);
  return pull && { key: rep.id, className: inkClass(index), ...pull };
}

const swatch = (index) => el("i", { class: `swatch ${inkClass(index)}` });

function repButton(rep, index) {
  const attributes = { type: "button", class: "rep-button", "aria-pressed": "false" };
  const label = `Rep ${rep.rep}`;
  return el("button", { ...attributes, "aria-label": label }, swatch(index), String(rep.rep));
}

const headCell = (name, unit, ...more) =>
  el("th", { scope: "col" }, name, ...(unit ? [el("small", {}, ` ${unit}`)] : []), ...more);

const LABELS = { good: "called good", bad: "called bad", false: "no rep", failed: "failed" };

function repRow(rep, index, marks, label) {
  const doubt = el("small", {}, rep.valid === false ? "not judged" : (LABELS[label] ?? ""));
  const name = el("th", { scope: "row" }, repButton(rep, index), doubt, ...marks);
  const numbers = COLUMNS.map(([, , read]) => el("td", {}, read(rep)));
  return el("tr", { "data-key": rep.id }, name, ...numbers);
}

const repTable = ({ set, reps }, { events, labels }) =>
  el(
    "table",
    {},
    el("thead", {}, el("tr", {}, headCell("Rep"), ...COLUMNS.map(([n, u]) => headCell(n, u)))),
    el("tbody", {}, ...reps.map((rep, i) => repRow(rep, i, markLinks(rep, set, events), labels[rep.id]))),
  );

/** A wide table scrolls in its own frame, by touch or by keyboard. */
const scroller = (label, table) =>
  el("div", { class: "scroller", role: "region", "aria-label": label, tabindex: "0" }, table);

/** Makes everything that carries a rep's key in `section` light up together. */
function linkHighlights(section) {
  let pinned = null;

  function light(key) {
    section.classList.toggle("picking", key !== null);
    for (const node of section.querySelectorAll("[data-key]")) {
      node.classList.toggle("picked", node.dataset.key === key);
    }
    const front = section.querySelector(".trace.picked");
    front?.parentNode.append(front);
  }

  const keyOf = (event) => event.target.closest?.("[data-key]")?.dataset.key ?? null;

  function pin(key) {
    pinned = key === pinned ? null : key;
    for (const button of section.querySelectorAll(".rep-button")) {
      const own = button.closest("[data-key]").dataset.key;
      button.setAttribute("aria-pressed", String(own === pinned));
    }
    light(pinned);
  }

  section.addEventListener("pointerover", (event) => {
    if (event.pointerType === "mouse") light(keyOf(event) ?? pinned);
  });
  section.addEventListener("pointerleave", () => light(pinned));
  section.addEventListener("click", (event) => {
    const key = keyOf(event);
    if (key !== null) pin(key);
  });
}

function pathFigure(reps, traces) {
  const label = "Bar paths of the set, same scale up and across";
  const root = svg("svg", { class: "path", role: "img", "aria-label": label });
  createPathView(root).draw(traces.filter(Boolean));
  const missing = reps.filter((_, i) => !traces[i]).map(({ rep }) => rep);
  const captions = [el("span", {}, "← heels"), el("span", {}, "toes →")];
  const figure = el("figure", {}, root, el("figcaption", {}, ...captions));
  if (missing.length) {
    figure.append(el("p", { class: "muted" }, `No path kept: rep ${missing.join(", ")}`));
  }
  return figure;
}

const summary = (reps) => {
  const speeds = reps.map((rep) => rep.mean_velocity_mps).filter(Number.isFinite);
  const count = reps.length === 1 ? "1 rep" : `${reps.length} reps`;
  if (speeds.length < 2) return count;
  const best = Math.max(...speeds);
  const last = speeds.at(-1);
  const change = `last ${speed(last)} m/s · ${percent(1 - last / best)} slower`;
  return `${count} · fastest ${speed(best)} m/s · ${change}`;
};

/**
 * Builds the section of one set. `paths` holds a recorded path or null for each rep; `told` what the
 * session knows besides: `events` of the camera, people's `labels`, the lifters' `own` baselines.
 */
export function setSection({ set, reps, summary: ended }, paths, told) {
  const traces = reps.map((rep, i) => traceOf(rep, paths[i], i));
  const section = el(
    "section",
    { class: "set", "aria-label": `Set ${set}` },
    el("h2", {}, `Set ${set} `, el("small", {}, summary(reps))),
    ...markNotes({ set, reps }, told.events),
    el(
      "div",
      { class: "columns" },
      pathFigure(reps, traces),
      el(
        "div",
        { class: "facts" },
        scroller("Reps", repTable({ set, reps }, told)),
        el("h3", {}, "What was judged"),
        scroller("Verdicts", verdictTable(reps, told.own)),
        ...adviceBox(ended),
        el("h3", {}, "Speed of each rep"),
        speedChart(reps),
      ),
    ),
  );
  linkHighlights(section);
  return section;
}
