// The steps of the calibration as cards. The device knows how far they are: a card only shows it.

import { el, setText } from "./dom.js";
import { moment } from "./format.js";
import { icon, setIcon } from "./icons.js";
import { drawing } from "./mount-drawings.js";
import { currentStep } from "./mount-model.js";
import { STEP_STATES, stepTitle } from "./mount-words.js";
import { say } from "./said.js";
import { tell } from "./sentences.js";

// What may be done with a step: its key among the words, and its word.
const ACTIONS = {
  start: ["mount.start", "Start"],
  redo: ["mount.redo_step", "Do again"],
  skip: ["mount.skip", "Skip"],
  cancel: ["mount.cancel", "Cancel"],
};

const OFFERED = {
  todo: ["start", "skip"],
  active: ["cancel"],
  done: ["redo"],
  failed: ["redo", "skip"],
  skipped: ["start"],
};

/** What may be done with a step now. While one is measured the others wait: there is one camera. */
function offered({ state, optional }, isOtherActive) {
  if (isOtherActive) return [];
  return OFFERED[state].filter((action) => action !== "skip" || optional);
}

function createCard(id, act) {
  const part = (name, className, more) => el(name, { class: className, ...more });
  const mark = icon("ring");
  const [title, state, found] = [part("b", "title"), part("span", "state"), part("span", "text")];
  const [text, when] = [part("p", "todo-text"), part("p", "when")];
  const note = part("p", "note", { role: "status" });
  const progress = el("progress", { max: 100 });
  const buttons = Object.fromEntries(
    Object.entries(ACTIONS).map(([action, [key, word]]) => {
      const more = { "data-action": action, "data-say": key };
      const button = el("button", { type: "button", class: "button", ...more }, say(key, word));
      button.addEventListener("click", () => act(action, id));
      return [action, button];
    }),
  );
  const words = el("span", { class: "words" }, el("span", { class: "line" }, title, state), found);
  const row = el("div", { class: "buttons" }, ...Object.values(buttons));
  const body = el("div", { class: "more" }, drawing(id), text, progress, when, row, note);
  const details = el("details", {}, el("summary", {}, mark, words), body);
  const card = el("li", { "data-step": id }, details);
  return { card, details, mark, title, state, found, text, when, progress, buttons, note };
}

function fillWords(parts, step) {
  const { word, shape, tone } = STEP_STATES[step.state];
  const isResult = ["done", "failed", "skipped"].includes(step.state);
  parts.card.className = `step tone-${tone}`;
  parts.card.dataset.state = step.state;
  setIcon(parts.mark, shape);
  const text = tell(step.said, step.text);
  setText(parts.title, stepTitle(step));
  setText(parts.state, step.state === "todo" && step.optional ? say("mount.optional", "If you like") : word);
  setText(parts.found, isResult ? text : "");
  setText(parts.text, isResult ? "" : text);
  setText(parts.when, step.state === "done" && step.done_at ? moment(step.done_at) : "");
}

function fillControls(parts, step, { isOtherActive, isOff, isBusy, note }) {
  const actions = offered(step, isOtherActive);
  const isForward = step.state === "todo" || step.state === "failed";
  const isFocused = Object.values(parts.buttons).includes(document.activeElement);
  for (const [action, button] of Object.entries(parts.buttons)) {
    button.hidden = !actions.includes(action);
    button.disabled = isOff;
    button.classList.toggle("primary", button === parts.buttons[actions[0]] && isForward);
    button.setAttribute("aria-busy", String(isBusy));
  }
  if (isFocused && document.activeElement.hidden) {
    const next = parts.buttons[actions[0]] ?? parts.details.firstElementChild;
    next.focus({ preventScroll: true });
  }
  const share = Math.round(100 * (step.progress ?? 0));
  parts.progress.hidden = step.state !== "active";
  if (parts.progress.value !== share) parts.progress.value = share;
  parts.progress.setAttribute("aria-label", stepTitle(step));
  setText(parts.note, note?.text ?? "");
  parts.note.className = `note tone-${note?.tone ?? "unknown"}`;
}

/**
 * Takes over an <ol>; `act(action, id)` is called for a tap on a button.
 *
 * `draw(mount, { isOff, busy, notes })` opens the card of the step that is to be done next, and
 * leaves the others as the lifter left them.
 */
export function createSteps(list, act) {
  const cards = new Map();
  let current = null;

  function open(next) {
    if (next === current) return;
    const before = cards.get(current);
    if (before && ["done", "skipped"].includes(before.card.dataset.state)) before.details.open = false;
    if (cards.has(next)) cards.get(next).details.open = true;
    current = next;
  }

  function draw(mount, { isOff, busy, notes }) {
    const active = mount.steps.find(({ state }) => state === "active");
    const rows = mount.steps.map((step) => {
      if (!cards.has(step.id)) cards.set(step.id, createCard(step.id, act));
      const parts = cards.get(step.id);
      const place = `step:${step.id}`;
      const isOtherActive = active !== undefined && active !== step;
      const more = { isOtherActive, isOff, isBusy: busy.has(place), note: notes.get(place) };
      fillWords(parts, step);
      fillControls(parts, step, more);
      return parts.card;
    });
    if (rows.some((row, i) => list.children[i] !== row) || rows.length !== list.children.length) {
      list.replaceChildren(...rows);
    }
    open(currentStep(mount)?.id ?? null);
  }

  return { draw };
}
