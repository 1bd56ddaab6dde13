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
import { say } from "./said.js";
import { sayWith } from "./sentences.js";
import { createPathView } from "./path-view.js";
import { outlineBox } from "./review-outline.js";
import { adviceBox, verdictTable } from "./review-verdicts.js";
import { speedChart } from "./speed-chart.js";
import { styleWord } from "./words.js";

// Told apart by every kind of colour vision, and by the dashes from the ninth rep on.
const INKS = 8;

const inkClass = (index) => `ink-${index % INKS}${index >= INKS ? " second-round" : ""}`;

const plainMillimetres = (value) => millimetres(value).replace(" mm", "");

// Of each column: its key and word, its unit, and what is read.
const COLUMNS = [
  [["height", "Height"], "cm", (rep) => centimetres(rep.rom_m)],
  [
    ["mean_speed", "Mean speed"],
    "m/s",
    (rep) => withSpread(fineSpeed, rep.mean_velocity_mps, rep.mean_velocity_sd_mps),
  ],
  [["peak", "Peak"], "m/s", (rep) => speed(rep.peak_velocity_mps)],
  [["time_up", "Time up"], "s", (rep) => seconds(rep.concentric_s)],
  [
    ["forward", "Forward"],
    "mm",
    (rep) => withSpread(plainMillimetres, rep.drift_forward_m, rep.drift_sd_m),
  ],
  [["style", "Style"], "", (rep) => styleWord(rep.style)],
  [["tracked", "Tracked"], "", (rep) => percent(rep.tracked_ratio)],
];

/** Turns a rep's recorded path into what the drawing takes, or null when there is none. */
function traceOf(rep, path, index) {
  const pull = path && recordedPull(path, rep);
  return pull && { key: rep.id, className: inkClass(index), ...pull };
}

/** Names a repetition of the set. */
const repName = (n) => sayWith("review.rep", "Rep {n}", { n });

const swatch = (index) => el("i", { class: `swatch ${inkClass(index)}` });

function repButton(rep, index) {
  const attributes = { type: "button", class: "rep-button", "aria-pressed": "false" };
  const label = repName(rep.rep);
  return el("button", { ...attributes, "aria-label": label }, swatch(index), String(rep.rep));
}

const headCell = (name, unit, ...more) =>
  el("th", { scope: "col" }, name, ...(unit ? [el("small", {}, ` ${unit}`)] : []), ...more);

// What people called a repetition: no verdict of the device.
const LABELS = { good: "called good", bad: "called poor", false: "no rep", failed: "missed" };

const labelWord = (label) =>
  Object.hasOwn(LABELS, label) ? say(`review.label_${label}`, LABELS[label]) : "";

const doubtWord = (rep, label) =>
  rep.valid === false ? say("page.not_judged", "Not judged").toLowerCase() : labelWord(label);

const headCells = () => [
  headCell(say("review.head_rep", "Rep")),
  ...COLUMNS.map(([[key, word], unit]) => headCell(say(`review.${key}`, word), unit)),
];

function repRow(rep, index, marks, label) {
  const doubt = el("small", {}, doubtWord(rep, label));
  const name = el("th", { scope: "row" }, repButton(rep, index), doubt, ...marks);
  const numbers = COLUMNS.map(([, , read]) => el("td", {}, read(rep)));
  return el("tr", { "data-key": rep.id }, name, ...numbers);
}

const repTable = ({ set, reps }, { events, labels }) =>
  el(
    "table",
    {},
    el("thead", {}, el("tr", {}, ...headCells())),
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
  const label = say("review.paths_label", "Bar paths of the set, same scale up and across");
  const root = svg("svg", { class: "path", role: "img", "aria-label": label });
  createPathView(root).draw(traces.filter(Boolean));
  const missing = reps.filter((_, i) => !traces[i]).map(({ rep }) => rep);
  const captions = [
    el("span", {}, say("review.heels", "← heels")),
    el("span", {}, say("review.toes", "toes →")),
  ];
  const figure = el("figure", {}, root, el("figcaption", {}, ...captions));
  if (missing.length) {
    const words = sayWith("review.no_path", "No path kept: rep {n}", { n: missing.join(", ") });
    figure.append(el("p", { class: "muted" }, words));
  }
  return figure;
}

/** Counts repetitions in words. */
export const repCount = (n) =>
  n === 1 ? say("review.rep_one", "1 rep") : sayWith("review.reps", "{n} reps", { n });

const summary = (reps) => {
  const speeds = reps.map((rep) => rep.mean_velocity_mps).filter(Number.isFinite);
  const count = repCount(reps.length);
  if (speeds.length < 2) return count;
  const best = Math.max(...speeds);
  const last = speeds.at(-1);
  const change = { mps: speed(last), percent: percent(1 - last / best) };
  return [
    count,
    sayWith("review.fastest", "fastest {mps} m/s", { mps: speed(best) }),
    sayWith("review.last", "last {mps} m/s · {percent} slower", change),
  ].join(" · ");
};

/**
 * Builds the section of one set. `paths` holds a recorded path or null for each rep; `told` what the
 * session knows besides: `events` of the camera, people's `labels`, the lifters' `own` baselines.
 */
export function setSection({ set, reps, summary: ended }, paths, told) {
  const traces = reps.map((rep, i) => traceOf(rep, paths[i], i));
  const name = sayWith("review.set", "Set {n}", { n: set });
  const section = el(
    "section",
    { class: "set", "aria-label": name },
    el("h2", {}, `${name} `, el("small", {}, summary(reps))),
    ...markNotes({ set, reps }, told.events),
    el(
      "div",
      { class: "columns" },
      pathFigure(reps, traces),
      el(
        "div",
        { class: "facts" },
        scroller(say("review.reps_label", "Reps"), repTable({ set, reps }, told)),
        el("h3", {}, say("review.judged", "What was judged")),
        scroller(say("review.verdicts_label", "Verdicts"), verdictTable(reps, told.own)),
        ...outlineBox(reps),
        ...adviceBox(ended),
        el("h3", {}, say("review.speeds", "Speed of each rep")),
        speedChart(reps),
      ),
    ),
  );
  linkHighlights(section);
  return section;
}
