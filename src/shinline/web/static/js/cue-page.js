// The phone page: keeps the model up to date and has its parts painted.
//
// A part is made by its `create...(page)` and has `paint(model, now_ms, fresh)`, called for news and
// four times a second; `reword()`, where it has one, is called when the words have come.

import { attend } from "./attend.js";
import { createAsks } from "./cue-asks.js";
import { createLifter } from "./cue-lifter.js";
import { createNotice } from "./cue-notice.js";
import { createNumbers } from "./cue-numbers.js";
import { createPanel } from "./cue-panel.js";
import { createPath } from "./cue-path.js";
import { createVerdicts } from "./cue-verdicts.js";
import { paintLink } from "./link-badge.js";
import { readMessage, TOPICS } from "./messages.js";
import { createRequests } from "./mount-requests.js";
import { createModel, freshness, take } from "./model.js";
import { loadWords, sayAll } from "./said.js";
import { createSet } from "./set-page.js";

const TICK_MS = 250;
const ANSWER_MS = 4000;

const model = createModel();
const now_ms = () => performance.now();
let painting = false;

function paint() {
  const now = now_ms();
  const fresh = freshness(model, now);
  paintLink(fresh, model.malformed);
  for (const part of parts) part.paint(model, now, fresh);
}

/** Paints once per frame however many messages came. */
function repaint() {
  if (painting) return;
  painting = true;
  requestAnimationFrame(() => {
    painting = false;
    paint();
    path.draw(model);
  });
}

function onMessage(name, content, retained) {
  if (name.startsWith("response/")) {
    set.heard(name.slice("response/".length), content, requests.take(name, content));
    return;
  }
  take(model, name, content, now_ms(), retained);
  if (name === "rep/last" && retained) set.recallSet();
}

/** Forgets the cue of a page that was put away. */
function onWoken() {
  if (document.hidden) model.cue = null;
  paint();
}

/** Words have come: all that was written without them is written again. */
function onWords() {
  sayAll();
  for (const part of parts) part.reword?.();
  repaint();
}

const page = { model, repaint, ask: (verb, fields) => requests.ask(verb, fields) };
const path = createPath(page);
const set = createSet(page);
const parts = [
  createLifter(page),
  createNotice(page),
  createPanel(page),
  createNumbers(page),
  createVerdicts(page),
  createAsks(page),
  set,
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
setInterval(paint, TICK_MS);
repaint();
