// The set on the phone page: its sheet, its table, the card between two sets, and who changed what.

import { byId, el, getJson, setText } from "./dom.js";
import { icon } from "./icons.js";
import { createLossBar } from "./loss-bar.js";
import { createRepTable } from "./rep-table.js";
import { say } from "./said.js";
import { bestOf, isSpent, lossOf, setInView, takeLabel, takeSet } from "./set-book.js";
import { createCard } from "./set-card.js";
import { button, fillSheet, words } from "./set-fields.js";
import { createSetSheet } from "./set-sheet.js";
import { createStrip } from "./set-strip.js";
import { createToday } from "./set-today.js";
import { createWatch } from "./set-watch.js";
import { bestWord, newsText } from "./set-words.js";
import { onSettings, settings } from "./settings.js";
import { LENGTHS, MASSES } from "./units.js";

const NEWS_MS = 8000;
const RECALL_MS = [0, 1500, 4000]; // the journal has a repetition about a second after its end
const LIFTING = new Set(["slack", "pull", "lockout", "lowering"]);

const mass = () => MASSES[settings().load_unit];
const length = () => LENGTHS[settings().drift_unit];

/** Asks the journal, and takes silence for nothing: the page goes on without. */
const recall = (path, otherwise) => getJson(path).catch(() => otherwise);

/** Creates the sheet of the repetitions: loss, table, and the sets of today. */
function createReps(page, lossBar, table, today) {
  const dialog = el("dialog", { id: "reps-sheet", class: "drawer", "aria-labelledby": "reps-title" });
  const title = el("h2");
  const best = el("p", { class: "best" });
  const news = el("p", { class: "news", role: "status" });
  document.body.append(dialog);
  const body = fillSheet(dialog, title);
  body.append(news, lossBar.box, best, table.box, today.box);
  return { dialog, title, best, tell: (text) => setText(news, text) };
}

/**
 * Takes over #tools, #rep-table and #set-sheet. `page`: `model`, `repaint()`, `ask(verb, fields)`.
 *
 * Besides `paint` and `reword` of every part: `heard(verb, answer, whose)` for all answers of the
 * device, `recallSet()` when a repetition was retained, `view()` for the drawing of the paths.
 */
export function createSet(page) {
  const { model } = page;
  const { book } = model;
  const watch = createWatch();
  let lifters = [];
  let news_ms = -Infinity;
  let asked = "";

  async function ask(verb, fields) {
    watch.asked(verb);
    const said = await page.ask(verb, fields);
    tell(watch.answered(verb, said.status, performance.now()));
    return said;
  }

  const news = el("p", { id: "set-news", class: "set-news", role: "status" });
  const table = createRepTable({ ask, label: (id) => book.labels.get(id), changed: page.repaint });
  const lossBar = createLossBar();
  const today = createToday();
  const reps = createReps(page, lossBar, table, today);
  const sheet = createSetSheet({
    state: () => model.state,
    mass,
    lifters: () => lifters,
    ask,
    opened: fetchLifters,
  });
  const card = createCard({ ask, mass, more: sheet.open, table: openReps, changed: page.repaint });
  const strip = createStrip(byId("rep-table"), openReps);
  const tool = el("span", { class: "tool" }, icon("plates"), words("set.title", "Set"));
  byId("tools").prepend(button(tool, { id: "open-set", class: "button" }, sheet.open));
  byId("panel").after(card.box);
  document.body.append(news);
  news.addEventListener("click", () => showNews("")); // it lies over what a thumb may want
  onSettings(() => {
    table.reword();
    page.repaint();
  });

  async function fetchLifters() {
    lifters = await recall("/api/lifters", lifters);
    sheet.follow();
  }

  async function openReps() {
    if (!reps.dialog.open) reps.dialog.showModal();
    page.repaint();
    today.draw(await recall("/api/sets", []), model.state?.lifter ?? "", mass());
  }

  /** What the device did changes what is shown, whoever asked for it. */
  function effect(verb, data) {
    if (verb === "label_rep" && data?.label) takeLabel(book, data);
    if (verb === "rate_set" && data?.rpe) card.rated(data.rpe);
    if (verb === "start_set") card.put();
    page.repaint();
  }

  function tell(what) {
    if (what === null) return;
    news_ms = performance.now();
    showNews(newsText(what, mass()));
  }

  /** On the page and on both sheets: what is below an open sheet cannot be read. */
  function showNews(text) {
    setText(news, text);
    sheet.tell(text);
    reps.tell(text);
  }

  function heard(verb, answer, whose) {
    if (answer.status === "ok") effect(verb, answer.data);
    if (whose === "theirs") tell(watch.heard(verb, answer, performance.now()));
    if (whose === "late") sheet.answeredLate(verb, answer);
  }

  /** Fills in what this page did not see; a gap that stays is asked for three times and then named. */
  async function recallSet() {
    const id = model.last?.id;
    if (!id || asked === id) return;
    asked = id;
    for (const wait_ms of RECALL_MS) {
      await new Promise((done) => setTimeout(done, wait_ms));
      if (model.last?.id !== id) return;
      takeSet(book, await recall(`/api/set-of/${encodeURIComponent(id)}`, { reps: [], labels: {} }));
      page.repaint();
      if (setInView(book, model.state)?.missing.length === 0) return;
    }
  }

  /** The card is for the rest between sets: away as soon as somebody lifts. */
  function summaryToShow() {
    const { state } = model;
    const { summary } = book;
    if (!summary || !state || LIFTING.has(state.phase)) return null;
    if (isSpent(summary, model.last?.rep)) return null;
    const isNext = state.set === summary.set + 1 && state.rep === 0;
    return isNext || state.set === summary.set ? summary : null;
  }

  function paintReps(view, best, isTechnique) {
    if (!reps.dialog.open) return;
    const number = view ? ` ${view.set}` : "";
    const over = view?.isOver ? ` · ${say("table.over", "finished")}` : "";
    setText(reps.title, `${say("set.title", "Set")}${number}${over}`);
    const rep = `${say("table.rep", "Rep")} ${best?.entry.rep.rep}`;
    const named = best ? `${bestWord(best.why)}: ${rep}` : "";
    setText(reps.best, named);
    table.draw(view && { view, best, length: length(), isTechnique });
  }

  function paint(_model, now_ms) {
    const { state } = model;
    const view = setInView(book, state);
    const isTechnique = state?.mode === "technique";
    const best = view && bestOf(book, view.entries, state.mode);
    lossBar.draw(view && !isTechnique ? lossOf(book, view, state) : null);
    strip.draw(view, book, isTechnique ? null : view && lossOf(book, view, state));
    paintReps(view, best, isTechnique);
    card.show(summaryToShow());
    sheet.follow();
    if (now_ms - news_ms > NEWS_MS) showNews("");
    if (view?.missing.length && !document.hidden) recallSet();
  }

  return { paint, heard, recallSet, reword: table.reword };
}
