// How one lifter's one lift has gone over the weeks: faults for each hundred that could be judged,
// and two quantities as they were on average. Two lifters, or two lifts, are never put together.

import uPlot from "/static/vendor/uplot/uPlot.esm.js";
import { el } from "./dom.js";
import { icon } from "./icons.js";
import { locale } from "./format.js";
import { say } from "./said.js";
import { fixed, sayWith } from "./sentences.js";
import { repCount } from "./review-set.js";
import { axis, token } from "./speed-chart.js";
import { faultWord, liftWord } from "./words.js";

const HEIGHT_PX = 150;
const PER_HUNDRED = "Faults for each hundred repetitions that could be judged.";

// code, its key and what it is called here, factor and digits of its unit
const TRENDS = [
  ["bar_forward", ["trend_forward", "Forward drift, mm"], 1000, 0],
  ["hips_shoot_up", ["trend_trunk", "Trunk tips while the hips rise, °"], 1, 1],
];

const day = (week) => {
  const when = new Date(`${week}T00:00:00Z`);
  const style = { day: "numeric", month: "short", timeZone: "UTC" };
  return Number.isNaN(when.getTime()) ? week : when.toLocaleDateString(locale(), style);
};

function rateCell(count) {
  if (!count?.assessed) {
    return el("td", { class: "tone-unknown" }, icon("dash"), el("small", {}, say("page.not_judged", "Not judged").toLowerCase()));
  }
  const per = Math.round((100 * count.faulty) / count.assessed);
  const of = sayWith("review.of", "of {n}", { n: count.assessed });
  return el("td", {}, el("b", {}, String(per)), el("small", {}, of));
}

/** Codes that could be judged at least once, the ones most often at fault first. */
function codesOf(weeks) {
  const totals = new Map();
  for (const { codes } of weeks) {
    for (const [code, { assessed, faulty }] of Object.entries(codes)) {
      const [judged, bad] = totals.get(code) ?? [0, 0];
      totals.set(code, [judged + assessed, bad + faulty]);
    }
  }
  const share = ([judged, bad]) => bad / judged;
  return [...totals]
    .filter(([, [judged]]) => judged > 0)
    .sort(([, a], [, b]) => share(b) - share(a))
    .map(([code]) => code);
}

function rateTable(weeks) {
  const codes = codesOf(weeks);
  const head = (name) => el("th", { scope: "col" }, name);
  const row = ({ week, reps, codes: counts }) =>
    el(
      "tr",
      {},
      el("th", { scope: "row" }, day(week), el("small", {}, repCount(reps))),
      ...codes.map((code) => rateCell(counts[code])),
    );
  return el(
    "table",
    { class: "weeks" },
    el("thead", {}, el("tr", {}, head(say("review.week_of", "Week of")), ...codes.map((code) => head(faultWord(code))))),
    el("tbody", {}, ...weeks.map(row)),
  );
}

function optionsFor(weeks, width, digits) {
  const indices = weeks.map((_, i) => i);
  const names = (_, ticks) => ticks.map((tick) => (weeks[tick] ? day(weeks[tick].week) : ""));
  const numbers = (_, ticks) => ticks.map((tick) => fixed(tick, digits));
  return {
    width,
    height: HEIGHT_PX,
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: false, range: [-0.5, weeks.length - 0.5] },
      y: { range: (_, low, high) => [Math.min(0, low ?? 0), Math.max(high ?? 1, 1) * 1.15] },
    },
    axes: [
      axis({ grid: { show: false }, splits: () => indices, values: names, size: 28 }),
      axis({ values: numbers, size: 44 }),
    ],
    series: [
      {},
      {
        stroke: token("--info"),
        width: 2,
        points: { show: true, size: 9, fill: token("--info") },
        spanGaps: false,
      },
    ],
  };
}

/** Draws the means of a code; nothing where no week has one. */
function trend(weeks, [code, [key, title], factor, digits]) {
  const name = say(`review.${key}`, title);
  const means = weeks.map(({ codes }) => codes[code]?.mean ?? null);
  if (means.every((mean) => mean === null)) return [];
  const values = means.map((mean) => (mean === null ? null : mean * factor));
  const none = say("review.none", "none");
  const told = weeks
    .map(({ week }, i) => `${day(week)}: ${values[i] === null ? none : fixed(values[i], digits)}`)
    .join(", ");
  const frame = el("div", { class: "chart", role: "img", "aria-label": `${name}. ${told}` });
  let plot = null;
  new ResizeObserver(([{ contentRect }]) => {
    const width = Math.floor(contentRect.width);
    if (width === 0) return;
    if (plot) plot.setSize({ width, height: HEIGHT_PX });
    else plot = new uPlot(optionsFor(weeks, width, digits), [weeks.map((_, i) => i), values], frame);
  }).observe(frame);
  return [el("figure", {}, el("figcaption", {}, name), frame)];
}

function group({ lifter, lift, weeks }, isOpen) {
  const scroller = { class: "scroller", role: "region", "aria-label": say("review.weeks_label", "Weeks"), tabindex: "0" };
  const name = [lifter, liftWord(lift)].filter(Boolean).join(" · ");
  return el(
    "details",
    { class: "weeks-of", ...(isOpen ? { open: "" } : {}) },
    el("summary", {}, name),
    el("p", { class: "muted" }, say("review.per_hundred", PER_HUNDRED)),
    el("div", scroller, rateTable(weeks)),
    el("div", { class: "trends" }, ...TRENDS.flatMap((row) => trend(weeks, row))),
  );
}

/** Builds the section of all lifters and lifts; nothing when nothing was lifted. */
export function weeksSection(groups) {
  const lifted = groups.filter(({ weeks }) => weeks.length > 0);
  if (lifted.length === 0) return [];
  const title = say("review.over_weeks", "Over the weeks");
  return [
    el(
      "section",
      { class: "over-weeks", "aria-label": title },
      el("h2", {}, title),
      ...lifted.map((each, i) => group(each, i === 0)),
    ),
  ];
}
