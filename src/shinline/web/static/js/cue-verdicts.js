// How the last rep was judged, and what one camera at the side cannot see.

import { byId, el } from "./dom.js";
import { quantity } from "./format.js";
import { icon } from "./icons.js";
import { markItem, marksOf } from "./marks.js";
import { say } from "./said.js";
import { onSettings, settings } from "./settings.js";
import { LENGTHS, lengthText } from "./units.js";
import { atLeast, faultWord, reasonWords, seenBy, unjudged, verdict } from "./words.js";

const RANKS = ["stop", "fault", "warn"];

/** A lifter who works at technique is shown no speeds: they would be chased. */
const isShown = (rep) => (fault) =>
  rep.mode !== "technique" || (fault.code !== "velocity_loss" && fault.unit !== "m/s");

/** Puts what to work at first, and what nobody could judge last; it is never among the fine. */
function sorted(faults) {
  const rank = ({ assessed, severity }) => {
    const bad = RANKS.indexOf(severity);
    if (!assessed) return RANKS.length + 1;
    return bad < 0 ? RANKS.length : bad;
  };
  return [...faults].sort((a, b) => rank(a) - rank(b));
}

/** Lists how a rep was judged, the worst first: what the page and the table of the set show. */
export const verdictItems = (rep) => [
  ...marksOf(rep).map(markItem),
  ...(rep.faults.length ? sorted(rep.faults.filter(isShown(rep))) : [unjudged(rep)]).map((fault) =>
    faultItem(fault, rep.hip),
  ),
];

/**
 * Sums a rep up in one verdict, with the code that it stands on where that is not all. Called "not
 * a rep" by people it has none; where nothing could be judged it says so.
 */
export function worstOf(rep, label) {
  if (label === "false") return { ...verdict({ assessed: false }), code: "" };
  const [worst] = rep.valid === false ? [] : sorted(rep.faults.filter(isShown(rep)));
  if (!worst?.assessed) return { ...verdict({ assessed: false }), code: "" };
  return { ...verdict(worst), code: RANKS.includes(worst.severity) ? worst.code : "" };
}

/** Writes a fault's value, lengths in the unit that the lifter has chosen. */
function valueText({ value, unit }) {
  return unit === "m" ? lengthText(value, LENGTHS[settings().drift_unit]) : quantity(value, unit);
}

function faultItem(fault, hip) {
  const { word, shape, tone } = verdict(fault);
  const value = fault.assessed ? `${atLeast(fault)}${valueText(fault)} · ` : "";
  const why = !fault.assessed && fault.reason ? `: ${reasonWords(fault.reason)}` : "";
  const seen = seenBy(fault, hip);
  return el(
    "li",
    { class: `verdict tone-${tone}` },
    icon(shape),
    el(
      "span",
      {},
      faultWord(fault.code),
      el("b", {}, `${value}${word}${why}`),
      ...(seen ? [el("small", {}, seen)] : []),
    ),
  );
}

/** What one camera at the side cannot see is said, and stays said. */
function paintUnseen({ info }) {
  const codes = info?.not_observable ?? [];
  const box = byId("unseen");
  box.hidden = codes.length === 0;
  const words = codes.map((code) => say(`unseen.${code}`)).join("|");
  if (box.dataset.words === words) return;
  box.dataset.words = words;
  box.querySelector("ul").replaceChildren(...words.split("|").map((word) => el("li", {}, word)));
}

/** Takes over #faults and #unseen; `reword()` writes them again in words that have just come. */
export function createVerdicts() {
  let judged = null;

  function forget() {
    judged = null;
  }

  onSettings(forget);

  function paintFaults(rep) {
    if (!rep || rep === judged) return;
    judged = rep;
    byId("faults").replaceChildren(...verdictItems(rep));
  }

  return {
    paint(model) {
      paintFaults(model.last?.rep);
      paintUnseen(model);
    },
    reword: forget,
  };
}
