// The parts that the sheets are made of: large targets that need no keyboard.

import { el } from "./dom.js";
import { say } from "./said.js";

/** Creates text that follows the language. */
export const words = (key, english, tag = "span", attributes = {}) =>
  el(tag, { ...attributes, "data-say": key }, say(key, english));

/** Creates a button; `content` is a node or plain text. */
export function button(content, attributes, press) {
  const node = el("button", { type: "button", class: "button", ...attributes }, content);
  node.addEventListener("click", press);
  return node;
}

/**
 * Creates a group of which one is chosen. `options` are { value, label, note }, their labels nodes
 * or text. `choose(value)` shows a choice, `picked(value)` tells of one that was made.
 */
export function choice(name, legend, options, picked) {
  const inputs = new Map();
  const group = el("div", { class: "choices" });
  const field = el("fieldset", { class: `choice-of of-${name}` }, legend, group);

  function offer(offered) {
    const chosen = [...inputs].find(([, input]) => input.checked)?.[0];
    inputs.clear();
    group.replaceChildren(
      ...offered.map(({ value, label, note }) => {
        const input = el("input", { type: "radio", name });
        input.addEventListener("change", () => picked(value));
        inputs.set(value, input);
        const text = el("span", { class: "text", dir: "auto" }, label);
        return el("label", { class: "choice" }, input, text, ...(note ? [note] : []));
      }),
    );
    choose(chosen);
  }

  function choose(value) {
    for (const [each, input] of inputs) input.checked = each === value;
  }

  offer(options);
  return { field, group, offer, choose };
}

/** Creates a number between a smaller and a larger button; `show(text)` writes it. */
export function stepper(name, legend, step) {
  const value = el("output", { class: "value" });
  const label = (key, english, sign) =>
    el("span", {}, el("span", { "aria-hidden": "true" }, sign), words(key, english, "span", { class: "unseen" }));
  const less = button(label("set.less", "less", "−"), { class: "button step" }, () => step(-1));
  const more = button(label("set.more", "more", "+"), { class: "button step" }, () => step(1));
  const row = el("div", { class: "stepper" }, less, value, more);
  const field = el("fieldset", { class: `steps-of of-${name}` }, legend, row);
  const show = (text) => {
    if (value.textContent !== text) value.textContent = text;
  };
  return { field, show, less, more };
}

/** Creates a way out, a cross with a name. */
export const shutButton = (press) =>
  button(
    el("span", {}, el("span", { "aria-hidden": "true" }, "×"), words("set.close", "Close", "span", { class: "unseen" })),
    { class: "button shut" },
    press,
  );

/** Fills a dialog with a title, a way out and a body that scrolls, and returns the body. */
export function fillSheet(dialog, title) {
  const body = el("div", { class: "drawer-body" });
  title.id = dialog.getAttribute("aria-labelledby");
  dialog.append(el("header", { class: "drawer-head" }, title, shutButton(() => dialog.close())), body);
  return body;
}
