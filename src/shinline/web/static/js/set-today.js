// A lifter's sets of today in a line each, and what was moved in all.

import { el } from "./dom.js";
import { say } from "./said.js";
import { words } from "./set-fields.js";
import { repsText } from "./set-words.js";
import { massText } from "./units.js";
import { liftWord } from "./words.js";

const dayOf = (when) => `${when.getFullYear()}-${when.getMonth()}-${when.getDate()}`;

/** Keeps a lifter's sets of one day, of this phone's calendar, oldest first. */
export const setsOf = (day, name, sets) =>
  sets
    .filter(({ start, lifter }) => lifter === name && dayOf(new Date(start)) === dayOf(day))
    .sort((a, b) => (a.start < b.start ? -1 : 1));

export const tonnageOf = (sets) => sets.reduce((sum, { tonnage_kg }) => sum + tonnage_kg, 0);

function line(set, mass) {
  const what = `${set.reps} × ${set.load_kg ? massText(set.load_kg, mass) : "–"}`;
  return el("li", {}, el("b", {}, what), ` · ${liftWord(set.lift)}`);
}

/** Builds the list; `draw(sets, lifter, mass)` takes those of the journal and whose to show. */
export function createToday() {
  const sum = el("p", { class: "sum" });
  const list = el("ol", { class: "today" });
  const who = el("bdi");
  const title = el("h3", {}, words("set.today", "Today"), " · ", who);
  const box = el("section", { class: "of-today" }, title, sum, list);

  function draw(sets, lifter, mass) {
    const today = setsOf(new Date(), lifter, sets);
    who.textContent = lifter;
    box.hidden = today.length === 0;
    const count = `${today.length} ${today.length === 1 ? say("set.set_one", "set") : say("set.set_many", "sets")}`;
    const reps = repsText(today.reduce((total, each) => total + each.reps, 0));
    const moved = `${massText(tonnageOf(today), mass)} ${say("set.moved", "moved")}`;
    sum.textContent = [count, reps, moved].join(" · ");
    list.replaceChildren(...today.map((each) => line(each, mass)));
  }

  return { box, draw };
}
