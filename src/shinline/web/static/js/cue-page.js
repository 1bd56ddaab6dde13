// The phone page: keeps the model up to date and has its parts painted.
//
// A part is made by its `create...(page)` and has `paint(model, now_ms, fresh)`, called for news and
// four times a second; `reword()`, where it has one, is called when the words have come. `page` is
// { model, repaint(), paint(), ask(verb, fields), send(name, fields), alert }.

import { attend } from "./attend.js";
import { attempt } from "./attempt.js";
import { createAwake } from "./awake.js";
import { createAlert } from "./cue-alert.js";
import { createAsks } from "./cue-asks.js";
import { createLatency } from "./cue-latency.js";
import { createLifter } from "./cue-lifter.js";
import { createNote } from "./cue-note.js";
import { createNotice } from "./cue-notice.js";
import { createNumbers } from "./cue-numbers.js";
import { createPanel } from "./cue-panel.js";
import { createPath } from "./cue-path.js";
import { createSettings } from "./cue-settings.js";
import { createSoundBar } from "./cue-sound.js";
import { createVerdicts } from "./cue-verdicts.js";
import { createView } from "./cue-view.js";
import { paintLink } from "./link-badge.js";
import { readMessage, TOPICS } from "./messages.js";
import { createRequests } from "./mount-requests.js";
import { isScreen } from "./screen.js";
import { settings } from "./settings.js";
import { createModel, freshness, take } from "./model.js";
import { keepOffline } from "./offline.js";
import { loadWords, sayAll, sayCue } from "./said.js";
import { createSet } from "./set-page.js";
import { createSleepWatch } from "./sleep.js";
import { createSpeaker } from "./speaker.js";
import { createVoice } from "./voice.js";

const TICK_MS = 250;
const ANSWER_MS = 4000;
const SLEPT_MS = 1500; // several missed ticks; a busy page misses one

const model = createModel();
const watch = createSleepWatch();
const now_ms = () => performance.now();
let painting = false;

function paint() {
  const now = now_ms();
  const fresh = freshness(model, now);
  paintLink(fresh, model.malformed);
  for (const part of parts) attempt(part, () => part.paint(model, now, fresh));
}

/** Paints once per frame however many messages came. */
function repaint() {
  if (painting) return;
  painting = true;
  requestAnimationFrame(() => {
    painting = false;
    paint();
    attempt(path, () => path.draw(model));
  });
}

/** After a sleep the line holds what was said during it: a new one brings what is true now. */
function hasSlept() {
  const slept = watch.tick() > SLEPT_MS && !document.hidden;
  if (slept) line.restart();
  return slept;
}

function onMessage(name, content, retained) {
  const arrived_ms = now_ms();
  if (watch.gap_ms() > SLEPT_MS && hasSlept()) return;
  if (name.startsWith("response/")) onAnswer(name, content);
  else if (name === "cue") onCue(content, arrived_ms, retained);
  else take(model, name, content, arrived_ms, retained);
  if (name === "rep/last" && retained) set.recallSet();
}

/** All phones hear the answers to all: one that is to another tells what somebody else did. */
function onAnswer(name, content) {
  set.heard(name.slice("response/".length), content, requests.take(name, content));
}

/** A cue that nobody can see is not for this page: no sound without its picture. */
function onCue(content, arrived_ms, retained) {
  if (document.hidden) return;
  const cue = { ...content, said: sayCue(content) };
  if (take(model, "cue", cue, arrived_ms, retained, watch.gap_ms())) {
    alerts.announce(model.cue, arrived_ms);
  }
}

/** Forgets the cue of a page that was put away. */
function onWoken() {
  if (document.hidden) model.cue = null;
  hasSlept();
  paint();
}

/** Words have come: all that was written without them is written again. */
function onWords() {
  sayAll();
  for (const part of parts) attempt(part.reword, () => part.reword?.());
  repaint();
}

const page = {
  model,
  repaint,
  paint,
  ask: (verb, fields) => requests.ask(verb, fields),
  send: (name, fields) => line.publish(name, fields),
};
const speaker = createSpeaker(repaint);
const awake = createAwake(repaint);
const alerts = createAlert(page, speaker, createVoice());
page.alert = alerts;
const path = createPath(page);
const set = createSet(page);
const soundBar = createSoundBar(page, speaker);
const parts = [
  createView(page, alerts), // first: the others paint for the view that it chooses
  createLifter(page),
  createNotice(page),
  createNote(speaker),
  createPanel(page),
  createNumbers(page),
  createVerdicts(page),
  createAsks(page),
  set,
  createLatency(page),
  soundBar,
  createSettings(page, { speaker, awake, arm: soundBar.arm }),
];
const line = attend(model, {
  topics: TOPICS,
  read: readMessage,
  message: onMessage,
  changed: repaint,
  woken: onWoken,
});
const requests = createRequests(line.publish, ANSWER_MS);
loadWords(onWords);
if (isScreen && settings().sound) speaker.arm(); // the kiosk's browser wants no touch for it
setInterval(() => {
  hasSlept();
  paint();
}, TICK_MS);
repaint();
keepOffline();
