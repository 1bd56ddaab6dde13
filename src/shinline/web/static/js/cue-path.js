// The bar paths on the phone page: the rep under way over the last one, the best and the older ones.

import { livePull, recordedPull } from "./bar-path.js";
import { byId, el, getJson, setText } from "./dom.js";
import { createPathView } from "./path-view.js";
import { say } from "./said.js";
import { bestOf, setInView } from "./set-book.js";
import { bestWord } from "./set-words.js";
import { settings } from "./settings.js";
import { LENGTHS, lengthText } from "./units.js";

const MOST_DRAWN = 12; // more lines than that are a smear
const WORTH_A_MARK_M = 0.005;

/** Names the drift where it is worth a mark: half a centimetre of it is every lifter's. */
const driftText = (forward_m) =>
  forward_m >= WORTH_A_MARK_M ? `+${lengthText(forward_m, LENGTHS[settings().drift_unit])}` : "";

/** Draws only a rep seen from its beginning: the middle of one has no lift-off to measure from. */
function currentTrace({ repId, trace }) {
  const pull = repId && livePull(trace);
  if (!pull) return null;
  const all = [...pull.up, ...pull.down];
  const drift = driftText(pull.forward[0] / 1000);
  return { key: "current", className: "current", drift, head: all.at(-1), ...pull };
}

/** Takes over #path and its legend; `draw(model)` is for news, not for the passing of time. */
export function createPath(page) {
  const view = createPathView(byId("path"));
  const bestText = el("span");
  const bestRow = el("li", { class: "best", hidden: "" }, el("i"), bestText);
  document.querySelector(".legend .last").after(bestRow);

  /** Returns a rep's path, from what was watched or from the journal; null until it has come. */
  function pullOf(entry) {
    entry.pull ??= entry.trace && livePull(entry.trace);
    if (!entry.pull && !entry.isAsked) recall(entry);
    return entry.pull;
  }

  /** Fetches the path of a rep that this page did not watch: it was opened or woke up later. */
  async function recall(entry) {
    entry.isAsked = true;
    const path = await getJson(`/api/paths/${encodeURIComponent(entry.rep.id)}`).catch(() => null);
    if (!path) return;
    entry.pull = recordedPull(path, entry.rep);
    page.repaint();
  }

  /** The reps to draw, the last of them last: those of the set, or the one that was retained. */
  function entriesOf(model) {
    const seen = setInView(model.book, model.state);
    const entries = seen?.entries.slice(-MOST_DRAWN) ?? [];
    const retained = model.last && model.book.reps.get(model.last.id);
    return entries.length || !retained ? entries : [retained];
  }

  function finishedTraces(model, entries, best) {
    const last = entries.at(-1);
    const among = best && !entries.includes(best.entry) ? [best.entry, ...entries] : entries;
    const traces = among.map((entry) => {
      const isBest = entry === best?.entry && among.length > 1;
      const kinds = [entry === last && "last", isBest && "best"].filter(Boolean);
      const pull = pullOf(entry);
      const drift = entry === last ? driftText(entry.rep.drift_forward_m) : "";
      const rank = (entry === last ? 2 : 0) + (isBest ? 1 : 0);
      const className = kinds.join(" ") || "older";
      return pull && { key: entry.rep.id, className, drift, rank, ...pull };
    });
    return traces.filter(Boolean).sort((a, b) => a.rank - b.rank);
  }

  function paintLegend(entries, best) {
    bestRow.hidden = best === null || entries.length < 2;
    if (bestRow.hidden) return;
    const { rep } = best.entry.rep;
    setText(bestText, `${bestWord(best.why)}: ${say("table.rep", "Rep")} ${rep}`);
  }

  function draw(model) {
    const entries = entriesOf(model);
    const best = bestOf(model.book, entries, model.state?.mode);
    const current = currentTrace(model);
    const finished = finishedTraces(model, entries, best);
    if (current) for (const trace of finished) trace.drift = "";
    view.draw(current ? [...finished, current] : finished);
    paintLegend(entries, best);
  }

  return { draw };
}
