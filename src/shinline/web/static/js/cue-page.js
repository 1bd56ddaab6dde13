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
import { createRequests } from "./mount-requests.js";
import { createModel, currentCue, freshness, take } from "./model.js";
import { createPathView } from "./path-view.js";
import { loadWords, say, sayAll } from "./said.js";
import { createStrip, lightOf, wrongOf } from "./setup.js";
import { faultWord, floorWords, liftWord, markWord, PHASES, SEVERITIES, unjudged, verdict } from "./words.js";

const TICK_MS = 250;
const ANSWER_MS = 6000;
const MODES = { technique: "technique", test: "test: no cues" };

const model = createModel();
const pathView = createPathView(byId("path"));
const strip = createStrip(byId("steps"));
let expiry = 0;
let painting = false;
let judged = null;
let answered = 0;
let calledGood = null;

const now_ms = () => performance.now();

function paintLifter() {
  const { lifter, lift, load_kg } = model.state ?? {};
  const load = load_kg ? kilograms(load_kg) : "";
  const how = [MODES[model.state?.mode] ?? "", model.state?.muted ? "muted" : ""];
  setText(byId("lifter"), [lifter, liftWord(lift), load, ...how].filter(Boolean).join(" · "));
}

/** Names the phase, or what is wrong: an old "Ready" in giant letters would be a lie. */
function paintPhase(now) {
  const fresh = freshness(model, now);
  const lit = fresh.stale ? null : lightOf(model);
  const { word, shape } = fresh.stale ? fresh : (lit ?? PHASES[model.state?.phase ?? "idle"]);
  document.body.dataset.phase = model.state?.phase ?? "idle";
  document.body.dataset.light = lit?.light ?? "";
  document.body.dataset.mode = model.state?.mode ?? "standard";
  setText(byId("wrong"), lit?.light === "no" ? wrongOf(model).join(" · ") : "");
  strip.draw(model);
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
  const faults = rep.faults.length ? sorted(rep.faults.filter(isShown(rep))) : [unjudged(rep)];
  byId("faults").replaceChildren(...marksOf(rep).map(markItem), ...faults.map(faultItem));
}

/** A lifter who works at technique is shown no speeds: they would be chased. */
const isShown = (rep) => (fault) =>
  rep.mode !== "technique" || (fault.code !== "velocity_loss" && fault.unit !== "m/s");

const RANKS = ["stop", "fault", "warn"];

/** Puts what to work at first, and what nobody could judge last; it is never among the fine. */
function sorted(faults) {
  const rank = ({ assessed, severity }) => {
    const bad = RANKS.indexOf(severity);
    if (!assessed) return RANKS.length + 1;
    return bad < 0 ? RANKS.length : bad;
  };
  return [...faults].sort((a, b) => rank(a) - rank(b));
}

function faultItem(fault) {
  const { word, shape, tone } = verdict(fault);
  const value = fault.assessed ? `${quantity(fault.value, fault.unit)} · ` : "";
  const why = !fault.assessed && fault.reason ? `: ${fault.reason}` : "";
  return el(
    "li",
    { class: `verdict tone-${tone}` },
    icon(shape),
    el("span", {}, faultWord(fault.code), el("b", {}, `${value}${word}${why}`)),
  );
}

/** What one camera at the side cannot see is said, and stays said. */
function paintUnseen() {
  const codes = model.info?.not_observable ?? [];
  const box = byId("unseen");
  box.hidden = codes.length === 0;
  const words = codes.map((code) => say(`unseen.${code}`)).join("|");
  if (box.dataset.words === words) return;
  box.dataset.words = words;
  box.querySelector("ul").replaceChildren(...words.split("|").map((word) => el("li", {}, word)));
}

function paintAsks(now) {
  const isOff = freshness(model, now).stale;
  const muted = model.state?.muted === true;
  for (const id of ["feedback", "mute", "good"]) byId(id).disabled = isOff;
  const last = model.last?.rep ?? null;
  byId("good").hidden = last === null || last.valid === false;
  byId("good").setAttribute("aria-pressed", String(last !== null && last.id === calledGood));
  byId("mute").setAttribute("aria-pressed", String(muted));
  setText(byId("mute"), say(muted ? "page.unmute" : "page.mute", muted ? "Unmute" : "Mute"));
  if (now - answered > ANSWER_MS) setText(byId("answer"), "");
}

/** Asks, and says why nothing comes of it where nothing does. */
async function ask(verb, fields) {
  const { error, data } = await requests.ask(verb, fields);
  answered = now_ms();
  setText(byId("answer"), error || data.reason || "");
  return error === "";
}

/** A lifter's own baseline is made of what was called good; a repetition is, until told otherwise. */
async function callGood() {
  const { id } = model.last.rep;
  if (await ask("label_rep", { rep_id: id, label: "good" })) calledGood = id;
  repaint();
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
  paintUnseen();
  paintAsks(now);
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
  if (name.startsWith("response/")) {
    requests.take(name, content);
    return;
  }
  take(model, name, content, now_ms(), retained);
  if (name === "rep/last" && !model.last.trace && !model.last.pull) recallPath(model.last);
}

/** Forgets the cue of a page that was put away. */
function onWoken() {
  if (document.hidden) model.cue = null;
  paint();
}

/** Words have come: all that was written without them is written again. */
function onWords() {
  sayAll();
  judged = null;
  repaint();
}

loadWords(onWords);
byId("feedback").addEventListener("click", () => ask("feedback_now", {}));
byId("good").addEventListener("click", callGood);
byId("mute").addEventListener("click", () => ask("mute", { on: model.state?.muted !== true }));
new ResizeObserver(repaint).observe(byId("panel"));
setInterval(paint, TICK_MS);
repaint();
const line = attend(model, {
  topics: TOPICS,
  read: readMessage,
  message: onMessage,
  changed: repaint,
  woken: onWoken,
});
const requests = createRequests(line.publish);
