// The phone page: keeps the model up to date and paints it.

import { attend } from "./attend.js";
import { livePull, recordedPull } from "./bar-path.js";
import { byId, el, getJson, setText } from "./dom.js";
import { fitText, releaseText } from "./fit-text.js";
import { centimetres, kilograms, millimetres, quantity, speed } from "./format.js";
import { icon, setIcon } from "./icons.js";
import { paintLink } from "./link-badge.js";
import { markItem, marksOf } from "./marks.js";
import { readMessage, TOPICS } from "./messages.js";
import { createModel, currentCue, freshness, take } from "./model.js";
import { createPathView } from "./path-view.js";
import { faultWord, floorWords, liftWord, markWord, PHASES, SEVERITIES, unjudged, verdict } from "./words.js";

const TICK_MS = 250;

const model = createModel();
const pathView = createPathView(byId("path"));
let expiry = 0;
let painting = false;
let judged = null;

const now_ms = () => performance.now();

function paintLifter() {
  const { lifter, lift, load_kg } = model.state ?? {};
  const load = load_kg ? kilograms(load_kg) : "";
  setText(byId("lifter"), [lifter, liftWord(lift), load].filter(Boolean).join(" · "));
}

/** Names the phase, or what is wrong: an old "Ready" in giant letters would be a lie. */
function paintPhase(now) {
  const fresh = freshness(model, now);
  const { word, shape } = fresh.stale ? fresh : PHASES[model.state?.phase ?? "idle"];
  document.body.dataset.phase = model.state?.phase ?? "idle";
  setIcon(byId("phase-icon"), shape);
  setText(byId("phase"), word);
}

function paintCue(now) {
  const cue = currentCue(model, now);
  const panel = byId("panel");
  panel.dataset.severity = cue?.severity ?? "none";
  setText(byId("cue"), cue?.text ?? "");
  if (cue) setIcon(byId("severity-icon"), SEVERITIES[cue.severity].shape);
  setText(byId("severity"), cue ? SEVERITIES[cue.severity].word : "");
  if (cue) releaseText(byId("phase"));
  fitText(byId(cue ? "cue" : "phase"));
  clearTimeout(expiry);
  if (cue) expiry = setTimeout(paint, cue.until_ms - now);
}

/**
 * Keeps saying that the camera moved for as long as the device does, and leads to where it is set
 * up again; it never covers a cue.
 */
function paintNotice() {
  const { calibration } = model;
  const notice = byId("notice");
  const text = calibration?.floor_ok === false ? floorWords(calibration) : "";
  if (notice.dataset.text === text) return;
  notice.dataset.text = text;
  const { word, shape } = markWord("camera_moved");
  const words = el("span", {}, el("b", {}, `${word}.`), ` ${text}`);
  const way = el("a", { href: "/mount" }, icon(shape), words);
  notice.replaceChildren(...(text ? [way] : []));
}

function paintNumbers() {
  const { rep, target_reps } = model.state ?? {};
  const last = model.last?.rep;
  setText(byId("rep"), String(rep ?? "–"));
  setText(byId("target"), target_reps ? `of ${target_reps}` : "");
  setText(byId("speed"), speed(last?.mean_velocity_mps));
  setText(byId("drift"), last ? millimetres(last.drift_forward_m).replace(" mm", "") : "–");
  setText(byId("rom"), centimetres(last?.rom_m));
}

function paintFaults() {
  const rep = model.last?.rep;
  if (!rep || rep === judged) return;
  judged = rep;
  const faults = rep.faults.length ? rep.faults : [unjudged(rep)];
  byId("faults").replaceChildren(...marksOf(rep).map(markItem), ...faults.map(faultItem));
}

function faultItem(fault) {
  const { word, shape, tone } = verdict(fault);
  const value = fault.assessed ? `${quantity(fault.value, fault.unit)} · ` : "";
  return el(
    "li",
    { class: `verdict tone-${tone}` },
    icon(shape),
    el("span", {}, faultWord(fault.code), el("b", {}, `${value}${word}`)),
  );
}

function lastTrace() {
  const { last } = model;
  if (!last) return null;
  if (last.trace && !last.pull) last.pull = livePull(last.trace);
  const drift = last.rep ? driftText(last.rep.drift_forward_m) : "";
  return last.pull && { key: "last", className: "last", drift, ...last.pull };
}

/** Names the drift where it is worth a mark: half a centimetre of it is every lifter's. */
const driftText = (forward_m) => (forward_m >= 0.005 ? `+${millimetres(forward_m)}` : "");

/** Draws only a rep seen from its beginning: the middle of one has no lift-off to measure from. */
function currentTrace() {
  const pull = model.repId && livePull(model.trace);
  if (!pull) return null;
  const all = [...pull.up, ...pull.down];
  const drift = driftText(pull.forward[0] / 1000);
  return { key: "current", className: "current", drift, head: all.at(-1), ...pull };
}

function paintPath() {
  const current = currentTrace();
  const last = lastTrace();
  if (current && last) last.drift = "";
  pathView.draw([last, current].filter(Boolean));
}

function paint() {
  painting = false;
  const now = now_ms();
  paintLink(freshness(model, now), model.malformed);
  paintLifter();
  paintNotice();
  paintPhase(now);
  paintCue(now);
  paintNumbers();
  paintFaults();
}

/** Paints once per frame however many messages came. */
function repaint() {
  if (painting) return;
  painting = true;
  requestAnimationFrame(() => {
    paint();
    paintPath();
  });
}

/** Fetches the path of a rep this page did not watch: it was opened or woke up later. */
async function recallPath(last) {
  const path = await getJson(`/api/paths/${encodeURIComponent(last.id)}`).catch(() => null);
  if (!path || model.last !== last) return;
  last.pull = recordedPull(path, last.rep);
  repaint();
}

function onMessage(name, content, retained) {
  take(model, name, content, now_ms(), retained);
  if (name === "rep/last" && !model.last.trace && !model.last.pull) recallPath(model.last);
}

/** Forgets the cue of a page that was put away. */
function onWoken() {
  if (document.hidden) model.cue = null;
  paint();
}

new ResizeObserver(repaint).observe(byId("panel"));
setInterval(paint, TICK_MS);
repaint();
attend(model, {
  topics: TOPICS,
  read: readMessage,
  message: onMessage,
  changed: repaint,
  woken: onWoken,
});
