// The bar path on the phone page: the rep under way before the last one.

import { livePull, recordedPull } from "./bar-path.js";
import { byId, getJson } from "./dom.js";
import { millimetres } from "./format.js";
import { createPathView } from "./path-view.js";

/** Names the drift where it is worth a mark: half a centimetre of it is every lifter's. */
const driftText = (forward_m) => (forward_m >= 0.005 ? `+${millimetres(forward_m)}` : "");

function lastTrace({ last }) {
  if (!last) return null;
  if (last.trace && !last.pull) last.pull = livePull(last.trace);
  const drift = last.rep ? driftText(last.rep.drift_forward_m) : "";
  return last.pull && { key: "last", className: "last", drift, ...last.pull };
}

/** Draws only a rep seen from its beginning: the middle of one has no lift-off to measure from. */
function currentTrace({ repId, trace }) {
  const pull = repId && livePull(trace);
  if (!pull) return null;
  const all = [...pull.up, ...pull.down];
  const drift = driftText(pull.forward[0] / 1000);
  return { key: "current", className: "current", drift, head: all.at(-1), ...pull };
}

/** Takes over #path; `draw(model)` is for news, not for the passing of time. */
export function createPath(page) {
  const view = createPathView(byId("path"));

  function draw(model) {
    const current = currentTrace(model);
    const last = lastTrace(model);
    if (current && last) last.drift = "";
    view.draw([last, current].filter(Boolean));
  }

  /** Fetches the path of a rep this page did not watch: it was opened or woke up later. */
  async function recall(model) {
    const { last } = model;
    if (last.trace || last.pull) return;
    const path = await getJson(`/api/paths/${encodeURIComponent(last.id)}`).catch(() => null);
    if (!path || model.last !== last) return;
    last.pull = recordedPull(path, last.rep);
    page.repaint();
  }

  return { draw, recall };
}
