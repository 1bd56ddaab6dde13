// What was seen of a lifter without stickers besides the verdict: for information, and never judged.

import { el } from "./dom.js";
import { millimetres, quantity } from "./format.js";
import { say } from "./said.js";
import { sayWith } from "./sentences.js";
import { reasonWords } from "./words.js";

const ROWS = [
  [
    "to_bar",
    "Hip with the bar",
    "How far the hip rose for each metre of the bar, as it looks in the picture, from lift-off to " +
      "a third of the way. 1 means that both rise alike.",
    ({ to_bar_ratio }) => quantity(to_bar_ratio, ""),
  ],
  [
    "back_bend",
    "Middle of the back",
    "How far it moved out against hip and shoulder since the set position; minus is in. A shirt " +
      "that slides counts too.",
    ({ back_bend_m }) => millimetres(back_bend_m),
  ],
];

const isSeen = ({ hip }) => hip && (hip.to_bar_ratio ?? hip.back_bend_m ?? null) !== null;

/** Gives a rep's number, or why there is none. */
function cell(rep, read) {
  const { hip } = rep;
  if (!hip || hip.source === "stickers") return el("td", { "data-key": rep.id }, "–");
  const value = read(hip);
  const why = value === "–" && hip.reason ? [el("small", {}, reasonWords(hip.reason))] : [];
  return el("td", { "data-key": rep.id }, el("b", {}, value), ...why);
}

const row = (reps, [key, word, meaning, read]) =>
  el(
    "tr",
    {},
    el(
      "th",
      { scope: "row" },
      say(`outline.${key}`, word),
      el("small", {}, say(`outline.${key}_meaning`, meaning)),
    ),
    ...reps.map((rep) => cell(rep, read)),
  );

/** Builds what the outline showed of a set; nothing where no rep was followed by it. */
export function outlineBox(reps) {
  if (!reps.some(isSeen)) return [];
  const title = say("outline.title", "Seen without stickers");
  const heads = reps.map((rep) => el("th", { scope: "col" }, sayWith("review.rep", "Rep {n}", { n: rep.rep })));
  const head = el("tr", {}, el("th", { scope: "col" }, say("review.what", "What")), ...heads);
  const body = ROWS.map((each) => row(reps, each));
  const table = el("table", { class: "verdicts" }, el("thead", {}, head), el("tbody", {}, ...body));
  const attributes = { class: "scroller", role: "region", "aria-label": title, tabindex: "0" };
  return [el("h3", {}, title), el("div", attributes, table)];
}
