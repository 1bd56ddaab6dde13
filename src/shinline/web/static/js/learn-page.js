// The page that walks a beginner through the five steps of the set-up, one at a time. The device
// confirms what it sees; what it cannot see stays the lifter's own to check.

import { attend } from "./attend.js";
import { byId, el, setText } from "./dom.js";
import { icon, setIcon } from "./icons.js";
import { drawing } from "./learn-drawings.js";
import { paintLink } from "./link-badge.js";
import { readMessage } from "./messages.js";
import { createModel, freshness, take } from "./model.js";
import { loadWords, say } from "./said.js";
import { sayPage } from "./sentences.js";
import { STEP_STATES, STEPS, stateWord, wrongOf } from "./setup.js";

const TICK_MS = 500;
const STAY_MS = 1500;
const TOPICS = ["status", "state", "setup", "info"];

const model = createModel();
let shown = 0;
let onward = 0;

const now_ms = () => performance.now();

/** How far a step is; without a device that sees it, it is the lifter's own to check. */
function stateOf(code) {
  if (freshness(model, now_ms()).stale) return "check_yourself";
  const step = model.setup?.steps.find((each) => each.code === code);
  return step?.state ?? "check_yourself";
}

function go(index) {
  clearTimeout(onward);
  onward = 0;
  shown = Math.min(Math.max(index, 0), STEPS.length - 1);
  paint();
}

/** Goes on by itself a moment after the device has seen the step that is shown done. */
function follow(before) {
  const code = STEPS[shown];
  const isNews = before !== "done" && stateOf(code) === "done";
  if (isNews && shown < STEPS.length - 1) onward = setTimeout(() => go(shown + 1), STAY_MS);
}

const buttons = STEPS.map((code, index) => {
  const mark = icon("ring");
  const title = el("span");
  const button = el("button", { type: "button", "data-step": code }, mark, title);
  button.addEventListener("click", () => go(index));
  return { code, button, mark, title };
});
byId("steps").replaceChildren(...buttons.map(({ button }) => el("li", {}, button)));

function paintRow() {
  buttons.forEach(({ code, button, mark, title }, index) => {
    const state = stateOf(code);
    button.dataset.state = state;
    setIcon(mark, STEP_STATES[state].shape);
    setText(title, say(`steps.${code}.title`));
    button.setAttribute("aria-current", index === shown ? "step" : "false");
    button.setAttribute("aria-label", `${title.textContent}: ${stateWord(state)}`);
  });
}

function paintStep() {
  const code = STEPS[shown];
  const state = stateOf(code);
  const picture = byId("picture");
  if (picture.dataset.step !== code) picture.replaceChildren(drawing(code));
  picture.dataset.step = code;
  setText(byId("count"), `${shown + 1} / ${STEPS.length}`);
  setText(byId("title"), say(`steps.${code}.title`));
  setText(byId("text"), say(`steps.${code}.text`, ""));
  byId("state").dataset.state = state;
  setIcon(byId("state-icon"), STEP_STATES[state].shape);
  setText(byId("state-word"), stateWord(state));
  const isSeen = !freshness(model, now_ms()).stale && model.setup !== null;
  setText(byId("wrong"), isSeen ? wrongOf(model).join(" · ") : "");
}

function paint() {
  paintLink(freshness(model, now_ms()), model.malformed);
  paintStep();
  paintRow();
  byId("back").disabled = shown === 0;
  byId("next").disabled = shown === STEPS.length - 1;
  const unseen = (model.info?.not_observable ?? []).map((code) => say(`unseen.${code}`));
  const list = byId("unseen");
  if (list.childElementCount !== unseen.length) {
    list.replaceChildren(...unseen.map((word) => el("li", {}, word)));
  }
}

function onMessage(name, content, retained) {
  const before = stateOf(STEPS[shown]);
  take(model, name, content, now_ms(), retained);
  if (name === "setup") follow(before);
}

function onWords() {
  sayPage("page.learn");
  byId("unseen").replaceChildren();
  paint();
}

byId("back").addEventListener("click", () => go(shown - 1));
byId("next").addEventListener("click", () => go(shown + 1));
loadWords(onWords);
setInterval(paint, TICK_MS);
paint();
attend(model, { topics: TOPICS, read: readMessage, message: onMessage, changed: paint, woken: paint });
