// What a repetition was like, by the people who saw it: four large buttons, one of them pressed.

import { el, setText } from "./dom.js";
import { icon } from "./icons.js";
import { button, words } from "./set-fields.js";
import { LABELS, labelShape, labelWord, refusal } from "./set-words.js";

/**
 * Builds the buttons of one repetition. `ask(verb, fields)` asks the device; `current()` is the
 * label that is in force, or undefined. A refusal is shown beside the buttons.
 */
export function labelButtons(repId, current, ask, changed) {
  const answer = el("p", { class: "answer", role: "alert" });
  const buttons = LABELS.map((label) => {
    const text = words(`table.labels.${label}`, labelWord(label));
    const content = el("span", { class: "label-text" }, icon(labelShape(label)), text);
    return button(content, { "data-label": label }, () => give(label));
  });
  const box = el("div", { class: "labels" }, el("div", { class: "buttons" }, ...buttons), answer);

  async function give(label) {
    setText(answer, "");
    for (const each of buttons) each.disabled = true;
    const said = await ask("label_rep", { rep_id: repId, label });
    for (const each of buttons) each.disabled = false;
    if (said.status !== "ok") setText(answer, refusal(said));
    paint();
    changed();
  }

  function paint() {
    const given = current();
    for (const each of buttons) {
      each.setAttribute("aria-pressed", String(each.dataset.label === given));
    }
  }

  paint();
  return { box, paint };
}
