// The set at a glance: each repetition with the shape of its verdict, and how much slower the last.

import { worstOf } from "./cue-verdicts.js";
import { el, setText } from "./dom.js";
import { percent } from "./format.js";
import { icon, setIcon } from "./icons.js";
import { gradeLook } from "./loss-bar.js";
import { say } from "./said.js";
import { button, words } from "./set-fields.js";

/** Takes over a section; `draw(view, book, loss)` shows it once there is a repetition. */
export function createStrip(box, open) {
  const chips = el("span", { class: "chips" });
  const mark = icon("dot");
  const text = el("span");
  const loss = el("span", { class: "strip-loss verdict" }, mark, text);
  const title = words("table.open", "All reps", "b");
  box.append(button(el("span", { class: "strip" }, title, chips, loss), { id: "open-reps" }, open));

  function chip({ rep }, label) {
    const { word, shape, tone } = worstOf(rep, label);
    const spoken = el("span", { class: "unseen" }, `${say("table.rep", "Rep")} ${rep.rep}: ${word}. `);
    const seen = el("span", { "aria-hidden": "true" }, String(rep.rep));
    return el("span", { class: `chip verdict tone-${tone}` }, spoken, seen, icon(shape));
  }

  function draw(view, book, found) {
    const entries = view?.entries ?? [];
    box.hidden = entries.length === 0;
    const key = JSON.stringify(entries.map(({ rep }) => [rep.id, worstOf(rep, book.labels.get(rep.id))]));
    if (box.dataset.key !== key) {
      box.dataset.key = key;
      chips.replaceChildren(...entries.map((entry) => chip(entry, book.labels.get(entry.rep.id))));
    }
    loss.hidden = found === null || entries.length < 2;
    if (loss.hidden) return;
    const { shape, tone } = gradeLook(found);
    loss.className = `strip-loss verdict tone-${tone}`;
    setIcon(mark, shape);
    setText(text, `${percent(found.loss)} ${say("set.slower", "slower")}`);
  }

  return { draw };
}
