// The sets of today in a line each, and what was moved in all.

import { el } from "./dom.js";
import { say } from "./said.js";
import { words } from "./set-fields.js";
import { repsText } from "./set-words.js";
import { massText } from "./units.js";
import { liftWord } from "./words.js";

const dayOf = (when) => `${when.getFullYear()}-${when.getMonth()}-${when.getDate()}`;

/** Keeps the sets of one day, of this phone's calendar, oldest first. */
export const setsOf = (day, sets) =>
  sets
    .filter(({ start }) => dayOf(new Date(start)) === dayOf(day))
    .sort((a, b) => (a.start < b.start ? -1 : 1));

export const tonnageOf = (sets) => sets.reduce((sum, { tonnage_kg }) => sum + tonnage_kg, 0);

function line(set, mass) {
  const what = `${set.reps} × ${set.load_kg ? massText(set.load_kg, mass) : "–"}`;
  const who = el("bdi", {}, set.lifter);
  return el("li", {}, el("b", {}, what), " ", who, ` · ${liftWord(set.lift)}`);
}

/** Builds the list; `draw(sets, mass)` takes those of the journal. */
export function createToday() {
  const sum = el("p", { class: "sum" });
  const list = el("ol", { class: "today" });
  const title = words("set.today", "Today", "h3");
  const box = el("section", { class: "of-today" }, title, sum, list);

  function draw(sets, mass) {
    const today = setsOf(new Date(), sets);
    box.hidden = today.length === 0;
    const count = `${today.length} ${today.length === 1 ? say("set.set_one", "set") : say("set.set_many", "sets")}`;
    const reps = repsText(today.reduce((total, each) => total + each.reps, 0));
    const moved = `${massText(tonnageOf(today), mass)} ${say("set.moved", "moved")}`;
    sum.textContent = [count, reps, moved].join(" · ");
    list.replaceChildren(...today.map((each) => line(each, mass)));
  }

  return { box, draw };
}
