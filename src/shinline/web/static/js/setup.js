// The set-up before a pull: five steps with how far they are, and the ready light.
// A state is a shape and a word; what no camera sees is the lifter's own to check.

import { el, setText } from "./dom.js";
import { icon, setIcon } from "./icons.js";
import { say } from "./said.js";
import { faultWord } from "./words.js";

export const STEPS = ["bend", "grab", "shins", "chest", "pull"];

export const STEP_STATES = {
  waiting: { shape: "ring", word: "To do" },
  now: { shape: "dot", word: "Now" },
  done: { shape: "tick", word: "Done" },
  check_yourself: { shape: "eye", word: "Check yourself" },
};

export const stateWord = (state) => say(`states.${state}`, STEP_STATES[state].word);

const LIFTED = new Set(["pull", "lockout", "lowering"]);

/** Tells whether there is something to show: the bar lies, and the device speaks of the set-up. */
export const hasSetup = ({ setup, state }) =>
  setup !== null && !LIFTED.has(state?.phase ?? "idle") && hasBegun(setup);

/** Nothing is shown of a set-up of which nothing was ever seen: five times "to do" says nothing. */
const hasBegun = ({ steps, ready }) =>
  ready !== null || steps.some(({ state }) => state !== "waiting");

/** Names the light, or null when there is none to show: then the phase has the panel. */
export function lightOf(model) {
  if (!hasSetup(model) || model.setup.ready === null) return null;
  return model.setup.ready
    ? { light: "yes", shape: "tick", word: say("states.ready", "Ready") }
    : { light: "no", shape: "triangle", word: say("states.not_ready", "Not yet") };
}

const isWrong = ({ assessed, severity }) =>
  assessed && (severity === "fault" || severity === "stop");

/** Names what is not as it should be, so that "not yet" is no riddle. */
export const wrongOf = ({ setup }) =>
  setup.checks.filter(isWrong).map(({ code }) => faultWord(code));

/** Takes over an <ol>; `draw(model)` shows it or hides it. */
export function createStrip(list) {
  const cells = new Map(
    STEPS.map((code) => {
      const parts = { mark: icon("ring"), title: el("b"), state: el("span", { class: "state" }) };
      const cell = el("li", { "data-step": code }, parts.mark, parts.title, parts.state);
      return [code, { cell, ...parts }];
    }),
  );
  list.replaceChildren(...[...cells.values()].map(({ cell }) => cell));

  function draw(model) {
    list.hidden = !hasSetup(model);
    if (list.hidden) return;
    for (const { code, state } of model.setup.steps) {
      const { cell, mark, title, state: word } = cells.get(code);
      cell.dataset.state = state;
      setIcon(mark, STEP_STATES[state].shape);
      setText(title, say(`steps.${code}.title`));
      setText(word, stateWord(state));
    }
  }

  return { draw };
}
