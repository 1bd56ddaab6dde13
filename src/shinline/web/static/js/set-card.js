// What there is to do between two sets: the sum of the last one, how hard it was, and the next.

import { el, setText } from "./dom.js";
import { percent } from "./format.js";
import { icon } from "./icons.js";
import { say } from "./said.js";
import { decimal } from "./sentences.js";
import { button, shutButton, words } from "./set-fields.js";
import { QUICK, RPES } from "./set-plan.js";
import { planLine, refusal, repsText } from "./set-words.js";
import { keep, recall } from "./store.js";
import { massText } from "./units.js";

const SEEN_KEY = "shinline.set-seen";
const RATED_KEY = "shinline.set-rated";
const MOST_ADVICE = 2;

/** A set is known by the moment it ended: its number begins anew with every session. */
const nameOf = ({ t_capture, set }) => `${t_capture ?? ""}#${set}`;

const seen = () => recall(SEEN_KEY);
const see = (summary) => keep(SEEN_KEY, nameOf(summary));

const ADVICE = (code, part, english) => say(`advice.${code}.${part}`, english);

function sumLine({ reps, tonnage_kg, velocity_loss, mode }, mass) {
  const loss =
    velocity_loss === null || velocity_loss === undefined || mode === "technique"
      ? ""
      : `${percent(velocity_loss)} ${say("set.slower", "slower")}`;
  const moved = tonnage_kg ? `${massText(tonnage_kg, mass)} ${say("set.moved", "moved")}` : "";
  return [repsText(reps), moved, loss].filter(Boolean).join(" · ");
}

function adviceItem({ code, text, reason }) {
  const why = el("small", {}, ADVICE(code, "reason", reason));
  return el("li", {}, icon("triangle"), el("span", {}, el("b", {}, ADVICE(code, "text", text)), why));
}

const nextModeItem = () =>
  el("li", {}, icon("eye"), words("set.next_test", "Next set: no cues, to see what has stayed", "b"));

/** Names a quick change: in figures where there are any. */
function quickWord(name, { small, unit }) {
  if (name === "same") return say("set.same_again", "Same again");
  return name === "more" ? `+${decimal(small)} ${unit}` : "−10 %";
}

/**
 * Builds the card. `page`: `ask(verb, fields)`, `mass()`, `more()` opens the sheet, `table()` the
 * table, `changed()`.
 *
 * `show(summary, isNext)` shows a set's sum until it is put away, rated or the next set begins.
 */
export function createCard(page) {
  const title = el("h2");
  const sum = el("p", { class: "sum" });
  const advice = el("ul", { class: "advice" });
  const answer = el("p", { class: "answer", role: "alert" });
  const rates = RPES.map((rpe) => button(String(rpe), { "data-rpe": rpe }, () => rate(rpe)));
  const rating = el(
    "div",
    { class: "rating", role: "group", "aria-labelledby": "rate-name" },
    words("set.rate", "How hard was it? (RPE)", "h3", { id: "rate-name" }),
    el("div", { class: "rates" }, ...rates),
    words("set.rate_help", "10: nothing left · 8: two reps left · 6: easy", "p", { class: "help" }),
  );
  const quick = Object.keys(QUICK).map((name) => {
    const parts = { what: el("span"), load: el("b") };
    const label = el("span", {}, parts.what, parts.load);
    const node = button(label, { class: "button quick", "data-quick": name }, () => start(name));
    return { name, node, ...parts };
  });
  const more = button(words("set.change", "Change…"), {}, page.more);
  const table = button(words("table.open", "All reps"), {}, page.table);
  const head = el("header", { class: "card-head" }, title, shutButton(put));
  const quickRow = el("div", { class: "buttons" }, ...quick.map(({ node }) => node));
  const foot = el("div", { class: "buttons" }, table, more);
  const box = el("section", { id: "set-card", class: "set-card", "aria-labelledby": "card-title" });
  title.id = "card-title";
  box.append(head, sum, advice, rating, answer, quickRow, foot);
  box.hidden = true;
  let summary = null;

  function put() {
    if (summary) see(summary);
    summary = null;
    box.hidden = true;
    page.changed();
  }

  async function ask(verb, fields) {
    setText(answer, "");
    const said = await page.ask(verb, fields);
    if (said.status !== "ok") setText(answer, refusal(said));
    return said.status === "ok";
  }

  async function rate(rpe) {
    if (await ask("rate_set", { rpe })) rated(rpe);
  }

  /** The set was rated, here or on another phone. */
  function rated(rpe) {
    for (const each of rates) each.setAttribute("aria-pressed", String(Number(each.dataset.rpe) === rpe));
    if (summary) keep(RATED_KEY, nameOf(summary));
  }

  async function start(name) {
    const { lifter, lift } = summary;
    const load_kg = QUICK[name](summary.load_kg, page.mass());
    if (await ask("start_set", { lifter, lift, load_kg })) put();
  }

  function paint() {
    const mass = page.mass();
    setText(title, `${say("set.title", "Set")} ${summary.set}: ${planLine({ ...summary, target_reps: 0 }, mass)}`);
    setText(sum, sumLine(summary, mass));
    for (const { name, node, what, load } of quick) {
      setText(what, quickWord(name, mass));
      setText(load, summary.load_kg ? massText(QUICK[name](summary.load_kg, mass), mass) : "");
      node.hidden = !summary.load_kg && name !== "same";
    }
  }

  function begin(next) {
    summary = next;
    rating.hidden = recall(RATED_KEY) === nameOf(next);
    for (const each of rates) each.setAttribute("aria-pressed", "false");
    setText(answer, "");
    const items = next.advice.slice(0, MOST_ADVICE).map(adviceItem);
    if (next.next_mode === "test") items.push(nextModeItem());
    advice.replaceChildren(...items);
  }

  /** Shows the sum of a set, or nothing for null. */
  function show(next) {
    const isNews = next !== null && nameOf(next) !== seen();
    if (isNews && (summary === null || nameOf(summary) !== nameOf(next))) begin(next);
    if (!isNews) summary = null;
    box.hidden = !isNews;
    if (isNews) paint();
  }

  return { box, show, put, rated };
}
