// The sheet on which a set is put together: who, what, how heavy, how many, how hard.

import { byId, el, setText } from "./dom.js";
import { say } from "./said.js";
import { button, choice, fillSheet, stepper, words } from "./set-fields.js";
import { createLoad } from "./set-load.js";
import { createNames } from "./set-names.js";
import { isLoadOnly, LIFTS, MODES, planFor, planOf, steppedReps, steppedRpe } from "./set-plan.js";
import { modeNote, modeWord, refusal } from "./set-words.js";
import { liftWord } from "./words.js";

const liftOptions = () =>
  LIFTS.map((value) => ({ value, label: words(`lifts.${value}`, liftWord(value)) }));

const modeOptions = () =>
  MODES.map((value) => ({
    value,
    label: words(`set.modes.${value}`, modeWord(value)),
    note: words(`set.mode_notes.${value}`, modeNote(value), "small"),
  }));

/** Builds the fields; `draft()` is the plan as it stands, `change(fields)` takes an edit. */
function createFields(page, draft, change) {
  const names = createNames((lifter) => change(planFor(draft(), lifter, page.lifters())));
  const load = createLoad(page.mass, (load_kg) => change({ load_kg }));
  const reps = stepper("reps", words("set.reps", "Reps", "legend"), (by) =>
    change({ target_reps: steppedReps(draft().target_reps, by) }),
  );
  const rpe = stepper("rpe", words("set.rpe", "Effort (RPE)", "legend"), (by) =>
    change({ target_rpe: steppedRpe(draft().target_rpe, by) }),
  );
  const lift = choice("lift", words("set.lift", "Lift", "legend"), liftOptions(), (value) =>
    change({ lift: value }),
  );
  const mode = choice("mode", words("set.mode", "How", "legend"), modeOptions(), (value) =>
    change({ mode: value }),
  );
  const pair = el("div", { class: "pair" }, reps.field, rpe.field);

  function paint(plan) {
    names.paint(plan.lifter, page.lifters());
    load.paint(plan.load_kg);
    lift.choose(plan.lift);
    mode.choose(plan.mode);
    reps.show(plan.target_reps ? String(plan.target_reps) : say("set.open", "open"));
    rpe.show(plan.target_rpe === null ? "–" : String(plan.target_rpe));
  }

  return {
    nodes: [names.field, load.field, pair, lift.field, mode.field],
    paint,
    commit: names.commit,
    problem: () => names.problem() || load.problem(),
    stop() {
      names.stop();
      load.stop();
    },
  };
}

/**
 * `page`: `state()` the device's last one or null, `mass()` the lifter's unit, `lifters()` those of
 * the journal, `ask(verb, fields)`, `opened()`.
 *
 * What was put together stays until the device has taken it, or the lifter throws it away.
 */
export function createSetSheet(page) {
  const dialog = byId("set-sheet");
  const body = fillSheet(dialog, words("set.title", "Set", "h2"));
  let draft = planOf(null);
  let isEdited = false;
  let isBusy = false;

  const news = el("p", { class: "news", role: "status" });
  const answer = el("p", { class: "answer", role: "alert" });
  const fields = createFields(page, () => draft, change);
  const start = button(words("set.start", "Start set"), { class: "button go" }, begin);
  const stop = button(words("set.end", "End set"), {}, end);
  const reload = button(words("set.load_only", "Only the load, same set"), {}, changeLoad);
  const reset = button(words("set.reset", "As it is now"), {}, () => {
    take(planOf(page.state()));
    paint();
  });
  const row = el("div", { class: "buttons" }, stop, start);
  body.append(news, ...fields.nodes, el("div", { class: "buttons less" }, reload, reset));
  dialog.append(el("footer", { class: "drawer-foot" }, answer, row));

  function change(edited) {
    draft = { ...draft, ...edited };
    isEdited = true;
    setText(answer, "");
    paint();
  }

  function take(plan) {
    draft = plan;
    isEdited = false;
    fields.stop();
  }

  /** Returns why the device need not be asked, or an empty text. */
  const unready = () =>
    fields.problem() || (draft.lifter ? "" : say("set.who", "Who lifts? Choose a name."));

  async function request(verb, asked) {
    isBusy = true;
    setText(answer, "");
    paint();
    const said = await page.ask(verb, asked);
    isBusy = false;
    if (said.status !== "ok") setText(answer, refusal(said));
    paint();
    return said;
  }

  async function begin() {
    fields.commit();
    const why = unready();
    setText(answer, why);
    if (why) return;
    const said = await request("start_set", draft);
    if (said.status !== "ok") return;
    take(planOf(said.data.plan ?? draft));
    dialog.close();
  }

  /** What is on the bar was said wrong, or was changed in mid-set: the set goes on. */
  async function changeLoad() {
    const why = unready();
    setText(answer, why);
    if (why) return;
    const said = await request("set_load", { load_kg: draft.load_kg });
    if (said.status !== "ok") return;
    take(planOf(said.data.plan ?? draft));
    dialog.close();
  }

  async function end() {
    const said = await request("end_set", {});
    if (said.status !== "ok") return;
    const none = say("set.nothing_to_end", "No rep has been finished in this set.");
    if (said.data.reason) setText(answer, none);
    else dialog.close();
  }

  function paint() {
    if (!dialog.open) return;
    fields.paint(draft);
    reset.hidden = !isEdited;
    reload.hidden = !isEdited || !isLoadOnly(draft, planOf(page.state()));
    for (const node of [start, stop, reload]) node.disabled = isBusy;
    start.setAttribute("aria-busy", String(isBusy));
  }

  /** Opens with what is in force, or with what was not sent yet. */
  function open() {
    if (!isEdited) take(planOf(page.state()));
    setText(answer, "");
    dialog.showModal();
    paint();
    page.opened();
  }

  /** An answer that nobody waited for any more: what was asked has been done, or refused. */
  function answeredLate(verb, { status, error, data }) {
    if (status !== "ok") {
      setText(answer, refusal({ status, error }));
      return;
    }
    if (verb === "start_set") take(planOf(data.plan ?? draft));
    setText(answer, say("set.late", "The device has answered after all."));
    paint();
  }

  /** Follows the device while nothing has been changed here. */
  function follow() {
    if (!isEdited && !isBusy) draft = planOf(page.state());
    paint();
  }

  return { open, follow, answeredLate, dialog, tell: (text) => setText(news, text) };
}
