// Mean speed of each rep as bars with their deviation, peak speed as points above.

import uPlot from "/static/vendor/uplot/uPlot.esm.js";
import { el } from "./dom.js";
import { speed } from "./format.js";
import { say } from "./said.js";
import { fixed, sayWith } from "./sentences.js";

const HEIGHT_PX = 190;
const WHISKER_PX = 6;
const GRID = "#26303a";
const BAR = "#2c6fa8";

export const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

export const axis = (more) => ({
  stroke: token("--muted"),
  grid: { stroke: GRID, width: 1 },
  ticks: { stroke: GRID, width: 1 },
  font: "13px system-ui, sans-serif",
  labelFont: "13px system-ui, sans-serif",
  ...more,
});

/** Draws one standard deviation up and down on every bar that has one. */
function drawSpread(plot, reps) {
  const { ctx } = plot;
  ctx.save();
  ctx.strokeStyle = token("--text");
  ctx.lineWidth = 2 * devicePixelRatio;
  for (const rep of reps) {
    const mean = rep.mean_velocity_mps;
    const sd = rep.mean_velocity_sd_mps;
    if (!Number.isFinite(mean) || !Number.isFinite(sd)) continue;
    const x = plot.valToPos(rep.rep, "x", true);
    whisker(ctx, x, plot.valToPos(mean - sd, "y", true), plot.valToPos(mean + sd, "y", true));
  }
  ctx.restore();
}

function whisker(ctx, x, low, high) {
  const half = (WHISKER_PX / 2) * devicePixelRatio;
  ctx.beginPath();
  ctx.moveTo(x, low);
  ctx.lineTo(x, high);
  for (const y of [low, high]) {
    ctx.moveTo(x - half, y);
    ctx.lineTo(x + half, y);
  }
  ctx.stroke();
}

function optionsFor(reps, width) {
  const numbers = reps.map(({ rep }) => rep);
  return {
    width,
    height: HEIGHT_PX,
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: false, range: [Math.min(...numbers) - 0.6, Math.max(...numbers) + 0.6] },
      y: { range: (_, __, top) => [0, (top || 1) * 1.15] },
    },
    axes: [
      axis({ grid: { show: false }, splits: () => numbers, values: labels(0), size: 28 }),
      axis({ values: labels(1), size: 40 }),
    ],
    series: [{}, meanSeries(), peakSeries()],
    hooks: { draw: [(plot) => drawSpread(plot, reps)] },
  };
}

const labels = (digits) => (_, ticks) => ticks.map((tick) => fixed(tick, digits));

const meanSeries = () => ({
  fill: BAR,
  stroke: token("--info"),
  paths: uPlot.paths.bars({ size: [0.6, 48] }),
  points: { show: false },
});

const peakSeries = () => ({
  stroke: token("--warn"),
  paths: () => null,
  points: { show: true, size: 9, fill: token("--warn") },
});

const spoken = (reps) =>
  reps
    .map(({ rep, mean_velocity_mps }) => {
      const values = { n: rep, mps: speed(mean_velocity_mps) };
      return sayWith("review.rep_speed", "rep {n}: {mps} metres per second", values);
    })
    .join(", ");

const key = (name, text) => el("span", { class: `key ${name}` }, text);

/** Builds the chart of a set; it takes the width of its frame once it is in the page. */
export function speedChart(reps) {
  const frame = el("div", { class: "chart", role: "img", "aria-label": spoken(reps) });
  const value = (name) => reps.map((rep) => rep[name] ?? null);
  const data = [reps.map(({ rep }) => rep), value("mean_velocity_mps"), value("peak_velocity_mps")];
  let plot = null;
  new ResizeObserver(([{ contentRect }]) => {
    const width = Math.floor(contentRect.width);
    if (width === 0) return;
    if (plot) plot.setSize({ width, height: HEIGHT_PX });
    else plot = new uPlot(optionsFor(reps, width), data, frame);
  }).observe(frame);
  const keys = el(
    "p",
    { class: "keys" },
    key("mean", say("review.key_mean", "mean ± sd, m/s")),
    key("peak", say("review.key_peak", "peak, m/s")),
  );
  return el("div", {}, frame, keys);
}
