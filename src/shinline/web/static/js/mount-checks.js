// The checks: what needs a hand first, each with its sentence; the figures are one tap away.

import { el, setText } from "./dom.js";
import { icon, setIcon } from "./icons.js";
import { adviceFor, CHECK_STATES, checkTitle, fine, measured } from "./mount-words.js";
import { say } from "./said.js";
import { sayWith, tell } from "./sentences.js";

const ORDER = Object.keys(CHECK_STATES);
const GROUP = { bad: "list", fair: "list", unknown: "unknown", good: "fine" };

function createRow() {
  const mark = icon("dash");
  const part = (name, className) => el(name, { class: className });
  const [title, state, text] = [part("b", "title"), part("span", "state"), part("span", "text")];
  const [value, error, advice] = ["value", "error", "advice"].map((name) => part("p", name));
  const words = el("span", { class: "words" }, el("span", { class: "line" }, title, state), text);
  const more = el("div", { class: "more" }, value, error, advice);
  const row = el("li", {}, el("details", {}, el("summary", {}, mark, words), more));
  return { row, mark, title, state, text, value, error, advice };
}

const errorWords = ({ error_mm }) =>
  typeof error_mm === "number"
    ? sayWith("mount.in_numbers", "In your numbers: up to {mm} mm.", { mm: fine(error_mm) })
    : "";

const figureWords = (figure) =>
  figure
    ? sayWith("mount.measured", "Measured: {figure}", { figure })
    : say("mount.nothing_measured", "Nothing measured yet.");

/** What to change, and for the markers on the body where they cannot be seen. */
const adviceWords = ({ code }, zones) =>
  [adviceFor(code), ...(code === "body" ? zones.map(({ said, text }) => tell(said, text)) : [])].join(" ");

function fill(parts, check, zones) {
  const { word, shape, tone } = CHECK_STATES[check.state];
  parts.row.className = `check tone-${tone}`;
  parts.row.dataset.code = check.code;
  setIcon(parts.mark, shape);
  setText(parts.title, checkTitle(check));
  setText(parts.state, word);
  setText(parts.text, tell(check.said, check.text));
  setText(parts.value, figureWords(measured(check)));
  setText(parts.error, errorWords(check));
  setText(parts.advice, adviceWords(check, zones));
}

/** Puts rows in order and moves none that is in its place: a moved one would lose the focus. */
function arrange(list, rows) {
  const focused = document.activeElement;
  rows.forEach((row, i) => {
    if (list.children[i] !== row) list.insertBefore(row, list.children[i] ?? null);
  });
  while (list.children.length > rows.length) list.lastElementChild.remove();
  if (focused !== document.activeElement) focused.focus({ preventScroll: true });
}

/**
 * Takes over three <ul>, { list, unknown, fine }: what needs a look, what is not known, what is fine.
 * What the reader has opened stays open.
 */
export function createChecks({ list, unknown, fine }) {
  const known = new Map();

  function rowOf(check, zones) {
    if (!known.has(check.code)) known.set(check.code, createRow());
    const parts = known.get(check.code);
    fill(parts, check, zones);
    return parts.row;
  }

  return {
    draw(checks, zones) {
      const sorted = [...checks].sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
      const rows = { list: [], unknown: [], fine: [] };
      for (const check of sorted) rows[GROUP[check.state]].push(rowOf(check, zones));
      arrange(list, rows.list);
      arrange(unknown, rows.unknown);
      arrange(fine, rows.fine);
    },
  };
}
