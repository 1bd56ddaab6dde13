// What a lifter may ask of the device during a set.

import { byId, setText } from "./dom.js";
import { say } from "./said.js";
import { deviceReason } from "./set-words.js";

const ANSWER_MS = 6000;

/**
 * Takes over the buttons of #asks and #good. `page.model` is what the phone knows; `page.ask(verb,
 * fields)` asks the device and resolves to { error, data }.
 */
export function createAsks(page) {
  const { model } = page;
  let answered_ms = -Infinity;

  /** Asks, and says why nothing comes of it where nothing does. */
  async function ask(verb, fields) {
    const { error, data } = await page.ask(verb, fields);
    answered_ms = performance.now();
    setText(byId("answer"), deviceReason(error || data.reason || ""));
  }

  /** A lifter's own baseline is made of what was called good; a repetition is, until told otherwise. */
  async function callGood() {
    const { id } = model.last.rep;
    await ask("label_rep", { rep_id: id, label: "good" });
    page.repaint();
  }

  byId("feedback").addEventListener("click", () => ask("feedback_now", {}));
  byId("good").addEventListener("click", callGood);
  byId("mute").addEventListener("click", () => ask("mute", { on: model.state?.muted !== true }));

  return {
    paint({ state, last, book }, now_ms, fresh) {
      const muted = state?.muted === true;
      const rep = last?.rep ?? null;
      for (const id of ["feedback", "mute", "good"]) byId(id).disabled = fresh.stale;
      byId("good").hidden = rep === null || rep.valid === false;
      byId("good").setAttribute("aria-pressed", String(book.labels.get(rep?.id) === "good"));
      byId("mute").setAttribute("aria-pressed", String(muted));
      setText(byId("mute"), say(muted ? "page.unmute" : "page.mute", muted ? "Unmute" : "Mute"));
      if (now_ms - answered_ms > ANSWER_MS) setText(byId("answer"), "");
    },
  };
}
