// Who lifts: those seen before as large buttons, and a new name by the keyboard.

import { el, setText } from "./dom.js";
import { say } from "./said.js";
import { button, choice, words } from "./set-fields.js";
import { LONGEST_NAME, readName } from "./set-plan.js";

const SHOWN = 8;

/** `picked(name)` tells of a choice. */
export function createNames(picked) {
  let typed = null;
  let offered = "";

  const group = choice("lifter", words("set.lifter", "Lifter", "legend"), [], (name) => {
    stop();
    picked(name);
  });
  const input = el("input", {
    id: "new-name",
    type: "text",
    autocomplete: "off",
    autocapitalize: "words",
    dir: "auto",
    "aria-describedby": "name-problem",
  });
  const problemLine = el("p", { id: "name-problem", class: "problem", role: "alert" });
  const label = el("label", { for: "new-name" }, words("set.new_name", "New name"));
  const box = el("div", { class: "new-name" }, label, input, problemLine);
  const fresh = button(words("set.new_lifter", "Somebody else"), { class: "button fresh" }, () => {
    typed = "";
    box.hidden = false;
    fresh.hidden = true;
    input.value = "";
    input.focus();
  });
  box.hidden = true;
  group.field.append(fresh, box);

  input.addEventListener("input", () => {
    typed = input.value;
    setText(problemLine, "");
  });
  input.addEventListener("change", commit);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") commit();
  });

  const isOdd = () => typed !== null && typed.trim() !== "" && readName(typed) === null;

  const problem = () =>
    isOdd() ? `${say("set.name_range", "Expected a name; characters at most:")} ${LONGEST_NAME}` : "";

  /** Takes a name that was typed; one that cannot be stays where it is. */
  function commit() {
    const name = typed === null ? null : readName(typed);
    setText(problemLine, problem());
    if (name === null) return;
    stop();
    picked(name);
  }

  function stop() {
    typed = null;
    box.hidden = true;
    fresh.hidden = false;
    setText(problemLine, "");
  }

  /** Shows those who may lift, the one who does among them. */
  function paint(lifter, known) {
    const names = known.map((each) => each.lifter).slice(0, SHOWN);
    if (lifter && !names.includes(lifter)) names.unshift(lifter);
    const key = JSON.stringify(names);
    if (offered !== key) {
      offered = key;
      group.offer(names.map((value) => ({ value, label: value })));
    }
    group.choose(typed === null ? lifter : undefined);
  }

  return { field: group.field, paint, commit, problem, stop };
}
