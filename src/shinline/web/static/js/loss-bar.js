// How much slower the last repetition was than the fastest of the set, against the device's limit.

import { el, setText } from "./dom.js";
import { percent, speed } from "./format.js";
import { icon, setIcon } from "./icons.js";
import { say } from "./said.js";
import { words } from "./set-fields.js";

const NEAR = 0.05; // of the fastest: from here on the limit is worth a look
const WIDEST = 0.4; // the bar's whole width, unless the limit asks for more

const GRADES = {
  fine: { shape: "tick", tone: "good", english: "Going well" },
  near: { shape: "triangle", tone: "warn", english: "Near the limit" },
  over: { shape: "octagon", tone: "stop", english: "Over the limit: set done" },
  unknown: { shape: "dot", tone: "info", english: "No limit known" },
};

/** Grades a loss: the word, the shape and the colour say the same. */
export function gradeOf({ loss, limit }) {
  if (limit === null) return "unknown";
  if (loss >= limit) return "over";
  return loss >= limit - NEAR ? "near" : "fine";
}

export const gradeLook = (found) => GRADES[gradeOf(found)];

/** Builds the bar; `draw(loss)` takes what `lossOf` of set-book.js finds, or null to hide it. */
export function createLossBar() {
  const mark = icon("dot");
  const word = el("b");
  const value = el("span", { class: "loss-value" });
  const fill = el("div", { class: "loss-fill" });
  const limitMark = el("div", { class: "loss-limit" });
  const track = el("div", { class: "loss-track", role: "img" }, fill, limitMark);
  const foot = el("p", { class: "loss-foot" });
  const title = words("table.loss", "Slower than the fastest", "h3");
  const head = el("p", { class: "loss-head verdict" }, mark, word, value);
  const box = el("section", { class: "loss" }, title, head, track, foot);

  function draw(found) {
    box.hidden = found === null;
    if (found === null) return;
    const { loss, limit, best, last } = found;
    const grade = gradeOf(found);
    const { shape, tone, english } = GRADES[grade];
    const full = Math.max(WIDEST, (limit ?? 0) * 1.25);
    box.dataset.grade = grade;
    box.className = `loss tone-${tone}`;
    setIcon(mark, shape);
    setText(word, say(`table.loss_${grade}`, english));
    setText(value, percent(loss));
    fill.style.width = `${Math.min(Math.max(loss / full, 0), 1) * 100}%`;
    limitMark.hidden = limit === null;
    if (limit !== null) limitMark.style.left = `${(limit / full) * 100}%`;
    setText(foot, footText(best, last, limit));
    track.setAttribute("aria-label", `${word.textContent}, ${value.textContent}. ${foot.textContent}`);
  }

  return { box, draw };
}

const repText = (name, { rep, mean_velocity_mps }) =>
  `${name}: ${say("table.rep", "Rep")} ${rep}, ${speed(mean_velocity_mps)} m/s`;

function footText(best, last, limit) {
  const fastest = best && repText(say("table.fastest", "fastest"), best);
  const now = last && repText(say("table.last", "last"), last);
  const ends = limit === null ? "" : `${say("table.limit", "limit")} ${percent(limit)}`;
  return [fastest, now, ends].filter(Boolean).join(" · ");
}
