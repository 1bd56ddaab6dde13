// The mounting page: shows what the device sees and says, and hands the lifter's wishes on.

import { attend } from "./attend.js";
import { byId, el, setText } from "./dom.js";
import { icon, setIcon } from "./icons.js";
import { paintLink } from "./link-badge.js";
import { createChecks } from "./mount-checks.js";
import { createLevel } from "./mount-level.js";
import { readMessage, TOPICS } from "./mount-messages.js";
import {
  believable,
  createMountModel,
  currentStep,
  fitsPicture,
  PICTURE_STOPPED_MS,
  problemOf,
  takeMount,
} from "./mount-model.js";
import { createOverlay } from "./mount-overlay.js";
import { createPreview } from "./mount-preview.js";
import { createRequests } from "./mount-requests.js";
import { createSizes } from "./mount-sizes.js";
import { createSteps } from "./mount-steps.js";
import { checkTitle, movedWord, roleWord, stepTitle, VERDICTS } from "./mount-words.js";
import { loadWords, say } from "./said.js";
import { fixed, sayPage, sayWith, tell } from "./sentences.js";

const TICK_MS = 250;
const ASK_AGAIN_MS = 20_000;
const ASK_SILENT_AGAIN_MS = 5000;

const now_ms = () => performance.now();

const model = createMountModel();
const overlay = createOverlay(byId("overlay"));
const level = createLevel(byId("level"), byId("level-words"));
const checks = createChecks({
  list: byId("checks"),
  unknown: byId("unknown-checks"),
  fine: byId("fine-checks"),
});
const sizes = createSizes(byId("fields"), () => {
  byId("sizes").open = true;
});
const preview = createPreview(byId("preview"), {
  accepts: (picture) => fitsPicture(model.mount, picture),
  drawn() {
    model.picture_ms = now_ms();
    repaint();
  },
  broken() {
    model.link.malformed += 1;
    repaint();
  },
});
const steps = createSteps(byId("steps"), onStep);
let painting = false;
let spoken = "";
let asked_ms = -Infinity;

// --- painting -----------------------------------------------------------------------------------

const shownVerdict = (fresh) => (fresh.stale ? null : VERDICTS[model.mount.verdict]);

/** Speaks when something else is said, not when a figure in it changes twice a second. */
function speak(words) {
  const key = words.replaceAll(/[\d.,]+/g, "#");
  if (key === spoken) return;
  spoken = key;
  setText(byId("spoken"), words);
}

function paintVerdict(fresh) {
  const verdict = shownVerdict(fresh);
  const { word, shape } = verdict ?? fresh;
  const { mount } = model;
  byId("panel").dataset.verdict = verdict ? mount.verdict : "none";
  setIcon(byId("verdict-icon"), shape);
  setText(byId("verdict"), word);
  const reason = verdict ? tell(mount.reasons_said?.slice(0, 1), mount.reasons[0] ?? "") : "";
  setText(byId("because"), reason);
  speak([word, reason].filter(Boolean).join(": "));
}

const isSaved = ({ checks: all }) =>
  all.some(({ code, state }) => code === "calibration" && state === "good");

/** Names the way on: what is to be put right, the next step, saving, or the lift itself. */
function wayOn() {
  const { mount } = model;
  const bad = mount.checks.find(({ code, state }) => state === "bad" && code !== "calibration");
  if (bad) return { words: sayWith("mount.fix", "Fix: {title}", { title: checkTitle(bad) }), href: "#checks-section" };
  const next = currentStep(mount);
  const nextWords = (title) => sayWith("mount.next_step", "Next: {title}", { title });
  if (next) return { words: nextWords(stepTitle(next)), href: "#calibrate" };
  const isUnsaved = mount.step_ready && !isSaved(mount);
  if (isUnsaved) return { words: nextWords(say("mount.save", "Save")), href: "#save" };
  if (mount.verdict === "not_ready") return null;
  return { words: say("mount.go", "Go and lift"), href: "/" };
}

function paintWayOn(fresh) {
  const way = fresh.stale ? null : wayOn();
  byId("next").hidden = !way;
  if (!way) return;
  byId("next").setAttribute("href", way.href);
  setText(byId("next"), way.words);
}

function paintMoved() {
  const what = [...new Set(model.mount.stale.map(movedWord))].join(", ");
  byId("moved").hidden = what === "";
  setIcon(byId("moved-icon"), "camera");
  setText(byId("moved-text"), sayWith("mount.moved", "The camera has moved. Redo: {what}.", { what }));
}

function paintLegend() {
  const { ghost, level: tilt, zones } = model.mount;
  const roles = [...new Set(zones.map(({ role }) => roleWord(role)))].join(", ");
  const hidden = "Where the plate hides a marker: {roles}";
  const rows = [
    ...(ghost ? [["ghost", say("mount.legend_ghost", "The plate at the start and at the top")]] : []),
    ...(tilt.known ? [["plumb", say("mount.legend_plumb", "Straight up")]] : []),
    ...(roles ? [["zone", sayWith("mount.legend_zone", hidden, { roles })]] : []),
  ];
  const key = JSON.stringify(rows);
  if (byId("legend").dataset.key === key) return;
  byId("legend").dataset.key = key;
  const items = rows.map(([name, words]) => el("li", { class: name }, el("i"), words));
  byId("legend").replaceChildren(...items);
}

function paintPicture(now) {
  const age_ms = now - model.picture_ms;
  const isStopped = age_ms > PICTURE_STOPPED_MS;
  byId("frame").dataset.stopped = String(isStopped);
  const s = fixed(age_ms / 1000, isStopped ? 0 : 1);
  const never = !Number.isFinite(age_ms);
  byId("frame").dataset.picture = never ? "none" : "some";
  const words = isStopped
    ? sayWith("mount.picture_stopped", "Picture stopped {s} s ago", { s })
    : sayWith("mount.picture_age", "{s} s old", { s });
  setText(byId("picture-age"), never ? say("mount.no_picture", "No picture yet") : words);
}

function paintView() {
  const { mount } = model;
  byId("frame").style.setProperty("--aspect", String(mount.width_px / mount.height_px));
  overlay.draw(mount);
  const state = mount.checks.find(({ code }) => code === "level")?.state ?? "unknown";
  level.draw(mount.level, state);
  paintLegend();
}

function paintChecks() {
  const { checks: all } = model.mount;
  const unknown = all.filter(({ state }) => state === "unknown");
  const fine = all.filter(({ state }) => state === "good").length;
  checks.draw(all, model.mount.zones);
  byId("unknown").hidden = unknown.length === 0;
  const n = unknown.length;
  setText(byId("unknown-title"), sayWith("mount.unknown_count", "{n} not known yet", { n }));
  setText(byId("unknown-names"), unknown.map(checkTitle).join(", "));
  byId("fine").hidden = fine === 0;
  const fineWords =
    fine === all.length
      ? sayWith("mount.all_fine", "All {n} fine", { n: fine })
      : sayWith("mount.fine_count", "{n} fine", { n: fine });
  setText(byId("fine-title"), fineWords);
}

function paintNote(id, place) {
  const note = model.notes.get(place);
  setText(byId(id), note?.text ?? "");
  byId(id).className = `note tone-${note?.tone ?? "unknown"}`;
}

function paintNotes() {
  paintNote("moved-note", "recalibrate");
  paintNote("save-note", "save");
  paintNote("restart-note", "restart");
  setText(byId("preview-note"), model.refusal);
  const problem = model.mount ? problemOf(model) : "";
  byId("problem").hidden = problem === "";
  setText(byId("problem"), problem);
}

const saveHint = () => say("mount.save_hint", "Do the steps above first, then save.");

function paintCalibration({ stale: isOff }) {
  const { mount, busy, notes } = model;
  const isActive = mount.steps.some(({ state }) => state === "active");
  document.body.dataset.measuring = String(isActive);
  byId("no-steps").hidden = mount.steps.length > 0;
  byId("with-steps").hidden = mount.steps.length === 0;
  steps.draw(mount, { isOff, busy, notes });
  sizes.draw(mount.values);
  byId("save").classList.toggle("primary", !isSaved(mount));
  byId("save").disabled = isOff || !mount.step_ready || isActive;
  setText(byId("save-hint"), mount.step_ready ? "" : saveHint());
  for (const id of ["restart", "recalibrate"]) byId(id).disabled = isOff || isActive;
  for (const id of ["save", "restart", "recalibrate"]) {
    byId(id).setAttribute("aria-busy", String(busy.has(id)));
  }
}

function paint() {
  painting = false;
  const now = now_ms();
  const fresh = believable(model, now);
  document.body.dataset.known = String(model.mount !== null);
  paintLink(fresh, model.link.malformed);
  paintVerdict(fresh);
  paintWayOn(fresh);
  paintPicture(now);
  paintNotes();
  if (!model.mount) return;
  paintMoved();
  paintView();
  paintChecks();
  paintCalibration(fresh);
}

/** Paints once per frame however many messages came. */
function repaint() {
  if (painting) return;
  painting = true;
  requestAnimationFrame(paint);
}

// --- requests -----------------------------------------------------------------------------------

/** Asks the device for something and puts its answer where the lifter asked. */
async function request(place, verb, fields, success = "") {
  if (model.busy.has(place)) return;
  model.busy.add(place);
  model.notes.delete(place);
  repaint();
  const { status, error } = await requests.ask(verb, fields);
  model.busy.delete(place);
  if (status !== "ok") model.notes.set(place, { text: error, tone: "warn" });
  else if (success) model.notes.set(place, { text: success, tone: "good" });
  repaint();
}

function onStep(action, step) {
  if (action === "cancel") return request(`step:${step}`, "cancel", {});
  if (action === "skip") return request(`step:${step}`, "calibrate", { action, step });
  const values = sizes.read();
  return values && request(`step:${step}`, "calibrate", { action, step, values });
}

function onButton(action, success = () => "") {
  byId(action).addEventListener("click", () => request(action, "calibrate", { action }, success()));
}

onButton("save", () => say("mount.saved", "Saved. It is in force now."));
onButton("restart", () => say("mount.forgotten", "Forgotten."));
onButton("recalibrate");

/** Asks for the picture, which also keeps the device's view of things up to date. */
async function askForPreview() {
  asked_ms = now_ms();
  const asked = asked_ms;
  if (model.asked === "no") model.asked = "waiting";
  const { status, error } = await requests.ask("preview", { on: true });
  if (asked !== asked_ms) return; // the line was cut since, or it was asked again
  model.asked = status;
  model.refusal = status === "ok" ? "" : error;
  repaint();
}

function forgetAnswer() {
  model.asked = "no";
  asked_ms = -Infinity;
}

/** The device forgets the wish after a minute; a page that nobody looks at does not renew it. */
function keepAsking() {
  const isUp = model.link.linked && model.link.device === "online";
  if (!isUp) forgetAnswer();
  const pause_ms = model.asked === "ok" ? ASK_AGAIN_MS : ASK_SILENT_AGAIN_MS;
  if (isUp && !document.hidden && now_ms() - asked_ms >= pause_ms) askForPreview();
}

function onMessage(name, content) {
  if (name === "mount") takeMount(model, content);
  else if (name === "preview") preview.show(content);
  else requests.take(name, content);
}

function onNews() {
  keepAsking();
  repaint();
}

const line = attend(model.link, {
  topics: TOPICS,
  read: readMessage,
  message: onMessage,
  changed: onNews,
  woken() {
    forgetAnswer(); // while nobody looked, the device may have stopped looking too
    onNews();
  },
});
const requests = createRequests(line.publish);

/** Says everything again, in the words that have just come. */
function onWords() {
  sayPage("mount.title");
  sizes.repaint();
  overlay.repaint();
  repaint();
}

loadWords(onWords);
setInterval(onNews, TICK_MS);
repaint();
