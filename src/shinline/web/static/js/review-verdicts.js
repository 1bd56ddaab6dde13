// The verdicts of a set: what to work at first, each with its limit and how sure it is, and what
// nobody could judge last, with the reason.

import { el } from "./dom.js";
import { percent, quantity } from "./format.js";
import { icon } from "./icons.js";
import { markBadges } from "./marks.js";
import { say } from "./said.js";
import { sayWith } from "./sentences.js";
import { atLeast, faultWord, reasonWords, seenBy, unjudged, verdict } from "./words.js";

const BAD = new Set(["warn", "fault", "stop"]);

const faultOf = (rep, code) => rep.faults.find((fault) => fault.code === code);

const judgedOf = (reps, code) =>
  reps.map((rep) => faultOf(rep, code)).filter((fault) => fault?.assessed);

const limitWords = (value) => sayWith("review.limit", "limit {value}", { value });

/** Names the limit of the reps' verdicts; it may differ between a warning and a fault. */
function limits(reps, code) {
  const judged = judgedOf(reps, code);
  const texts = new Set(judged.map(({ threshold, unit }) => quantity(threshold, unit)));
  return texts.size ? limitWords([...texts].join(" / ")) : "";
}

/** Names the lifter's own baseline, where one was in force. */
function ownWords(reps, code, own) {
  const unit = reps.map((rep) => faultOf(rep, code)?.unit).find((each) => each !== undefined);
  const rows = own.filter(
    (row) =>
      row.code === code && reps.some((rep) => rep.lifter === row.lifter && rep.lift === row.lift),
  );
  return rows.map(
    ({ mean, sd, reps: count }) =>
      sayWith("review.own", "own baseline {mean} ± {sd}, {n} good reps", {
        mean: quantity(mean, unit),
        sd: quantity(sd, unit),
        n: count,
      }),
  );
}

/** Says how sure an assessed verdict is, and by which limit where the reps' limits differ. */
function certainty(fault, isLimitOne) {
  const limit = isLimitOne ? "" : limitWords(quantity(fault.threshold, fault.unit));
  const share = { percent: percent(fault.confidence) };
  const sure = Number.isFinite(fault.confidence)
    ? sayWith("review.sure", "{percent} sure", share)
    : "";
  return [limit, sure].filter(Boolean).join(" · ");
}

function verdictCell(rep, code, isLimitOne) {
  const fault = faultOf(rep, code) ?? unjudged(rep);
  const { word, shape, tone } = verdict(fault);
  const [first, second, third] = fault.assessed
    ? [atLeast(fault) + quantity(fault.value, fault.unit), word, certainty(fault, isLimitOne)]
    : [word, reasonWords(fault.reason), ""];
  return el(
    "td",
    { class: `tone-${tone}`, "data-key": rep.id },
    el("span", { class: "verdict" }, icon(shape), el("b", {}, first)),
    el("small", {}, second),
    ...[third, seenBy(fault, rep.hip)]
      .filter(Boolean)
      .map((text) => el("small", { class: "sure" }, text)),
  );
}

function faultRow(reps, code, own) {
  const limit = limits(reps, code);
  const more = [limit, ...ownWords(reps, code, own)].filter(Boolean);
  const isLimitOne = !limit.includes(" / ");
  return el(
    "tr",
    {},
    el("th", { scope: "row" }, faultWord(code), ...more.map((text) => el("small", {}, text))),
    ...reps.map((rep) => verdictCell(rep, code, isLimitOne)),
  );
}

/** Puts codes that were at fault first and those that nobody could judge last. */
function sortedCodes(reps) {
  const codes = [...new Set(reps.flatMap(({ faults }) => faults.map(({ code }) => code)))];
  const rank = (code) => {
    const judged = judgedOf(reps, code);
    if (judged.length === 0) return 2;
    return judged.some(({ severity }) => BAD.has(severity)) ? 0 : 1;
  };
  return codes.sort((a, b) => rank(a) - rank(b));
}

const headCell = (name, ...more) => el("th", { scope: "col" }, name, ...more);

/** Builds the table of a set's verdicts; `own` are the baselines that were in force. */
export function verdictTable(reps, own) {
  const codes = sortedCodes(reps);
  if (codes.length === 0) codes.push(unjudged(reps[0]).code);
  const heads = reps.map((rep) => headCell(sayWith("review.rep", "Rep {n}", { n: rep.rep }), ...markBadges(rep)));
  return el(
    "table",
    { class: "verdicts" },
    el("thead", {}, el("tr", {}, headCell(say("review.what", "What")), ...heads)),
    el("tbody", {}, ...codes.map((code) => faultRow(reps, code, own))),
  );
}

/** Lists what to try next, each with its reason; nothing when there is nothing. */
export function adviceBox(summary) {
  if (!summary) return [];
  const items = summary.advice.map(({ code, text, reason }) => {
    const words = ["text", "reason"].map((part) => `advice.${code}.${part}`);
    return el("li", {}, el("b", {}, say(words[0], text)), el("small", {}, say(words[1], reason)));
  });
  if (summary.decays.length) {
    const grew = summary.decays.map(faultWord).join(", ");
    items.push(el("li", {}, el("b", {}, say("review.grew", "Grew from rep to rep")), el("small", {}, grew)));
  }
  if (summary.next_mode === "test") {
    const why = say("review.test_why", "A set without cues shows what has stayed.");
    items.push(el("li", {}, el("b", {}, say("review.test_set", "Next set: no cues")), el("small", {}, why)));
  }
  if (items.length === 0) return [];
  return [el("h3", {}, say("review.to_try", "To try next")), el("ul", { class: "advice" }, ...items)];
}
