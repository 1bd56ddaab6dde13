// What the phone knows, and whether it may still be believed. No DOM, no clock: times are
// arguments, in milliseconds of this phone's monotonic clock. The device's clock is never compared.

import { emptyTrace } from "./bar-path.js";
import { say } from "./said.js";
import { createBook, dropRep as strike, takeRep } from "./set-book.js";

export const STALE_MS = 2000;
const QUIET_MS = 1000; // more than the link's heartbeat and a slow round trip: the line was held up
const BURST_MS = 250; // what was held up comes all together
const KEPT_BEFORE_REP_MS = 700;
const LONGEST_TRACE = 4000;
const LIVE_PHASES = new Set(["pull"]);
const RESTING = new Set(["idle", "ready"]);

const NOT_HELD = { ms: 0, until_ms: -Infinity };

export const createModel = () => ({
  linked: false,
  tried: false,
  line_ms: -Infinity,
  held: NOT_HELD,
  device_ms: -Infinity,
  device: "unknown",
  state: null,
  calibration: null,
  info: null,
  setup: null,
  phaseSince_ms: -Infinity,
  live_ms: -Infinity,
  repId: null,
  trace: emptyTrace(),
  last: null,
  book: createBook(),
  cue: null,
  lastCueId: null,
  stats: null,
  malformed: 0,
});

/** The link to the broker came up, or went down, or could not be made. */
export function setLinked(model, linked) {
  model.linked = linked;
  model.tried = true;
  model.held = NOT_HELD; // nothing waits in a new line
  if (linked) return;
  model.device = "unknown";
  dropRep(model); // a trace with a gap is no trace; the journal has the whole one
}

/**
 * Anything at all came from the broker: the line is alive. The broker keeps watch over the device,
 * so while it says nothing else the device is alive too.
 */
export function hear(model, now_ms) {
  const quiet_ms = now_ms - model.line_ms;
  if (quiet_ms > QUIET_MS && Number.isFinite(quiet_ms)) {
    model.held = { ms: quiet_ms, until_ms: now_ms + BURST_MS };
  }
  model.line_ms = now_ms;
  if (model.device === "online") model.device_ms = now_ms;
}

/** Tells whether a line that claims to be there has said nothing for too long to be waited for. */
export const isSilent = (model, now_ms) => model.linked && now_ms - model.line_ms > STALE_MS;

const HANDLERS = {
  status(model, word) {
    model.device = word;
  },

  state(model, state, now_ms) {
    if (model.state?.phase !== state.phase) model.phaseSince_ms = now_ms;
    if (RESTING.has(state.phase) && !model.repId) model.trace = emptyTrace();
    model.state = state;
  },

  calibration(model, calibration) {
    model.calibration = calibration;
  },

  info(model, info) {
    model.info = info;
  },

  setup(model, setup) {
    model.setup = setup;
  },

  live(model, live, now_ms) {
    if (!live.coasting) model.live_ms = now_ms; // a guess of where the bar is proves nothing
    const batch = { ...live, at_ms: live.x_m.map(() => now_ms) };
    for (const [key, samples] of Object.entries(model.trace)) samples.push(...batch[key]);
    forget(model.trace, model.trace.at_ms.length - LONGEST_TRACE);
  },

  rep(model, { type, id, after }, now_ms) {
    if (type === "new") startRep(model, id, now_ms);
    if (type === "end") {
      endRep(model, id);
      takeRep(model.book, after, true, model.last.trace);
    }
    if (type === "void") strike(model.book, id);
    if (type === "void" && model.repId === id) dropRep(model);
  },

  "rep/last"(model, rep, _now_ms, retained) {
    endRep(model, rep.id);
    model.last.rep = rep;
    takeRep(model.book, rep, !retained, model.last.trace);
  },

  "set/last"(model, summary) {
    model.book.summary = summary;
  },

  stats(model, stats) {
    model.stats = stats;
  },

  /** Returns whether it is to be shown; `late_ms` is how long the page may have slept on it. */
  cue(model, cue, now_ms, retained, late_ms) {
    // A retained cue is of unknown age, and one delivered twice would outlive its time.
    if (retained || cue.expired || cue.id === model.lastCueId) return false;
    // One that waited in the device for the broker to come back has used up its time there.
    // How long it was held up on its way nobody knows: at the most for as long as the line was quiet.
    const held_ms = now_ms < model.held.until_ms ? model.held.ms : 0;
    const until_ms = now_ms + cue.ttl_ms - (cue.latency_ms ?? 0) - Math.max(late_ms, held_ms);
    if (until_ms <= now_ms) return false; // and what is shown stays
    model.lastCueId = cue.id;
    model.cue = { ...cue, until_ms };
    return true;
  },
};

/** Keeps the moment before the rep: it was announced only after the bar had risen. */
function startRep(model, id, now_ms) {
  const first = model.trace.at_ms.findIndex((at_ms) => now_ms - at_ms <= KEPT_BEFORE_REP_MS);
  forget(model.trace, first < 0 ? model.trace.at_ms.length : first);
  model.repId = id;
}

function forget(trace, count) {
  for (const samples of Object.values(trace)) samples.splice(0, Math.max(0, count));
}

function endRep(model, id) {
  const watched = model.repId === id;
  if (!watched && model.last?.id === id) return; // rep/last after rep: the same one
  model.last = { id, rep: null, trace: watched ? model.trace : null, pull: null };
  if (watched) dropRep(model);
}

function dropRep(model) {
  model.repId = null;
  model.trace = emptyTrace();
}

/** Takes a message in that `readMessage` has accepted; of a cue, returns whether to show it. */
export function take(model, name, content, now_ms, retained, late_ms = 0) {
  return HANDLERS[name](model, content, now_ms, retained, late_ms);
}

/** Removes a cue whose time is over; returns the one that may be shown, or null. */
export function currentCue(model, now_ms) {
  if (model.cue && now_ms >= model.cue.until_ms) model.cue = null;
  return model.cue;
}

const sinceLive = (model, now_ms) => now_ms - Math.max(model.live_ms, model.phaseSince_ms);

const doubt = (code, word, shape) => ({
  shape,
  get word() {
    return say(`link.${code}`, word);
  },
});

// The first row that applies says why the page cannot be believed; none means it is live.
const DOUBTS = [
  [(m) => !m.linked && !m.tried, doubt("connecting", "Connecting", "ring")],
  [(m) => !m.linked, doubt("none", "No connection", "cross")],
  [(m, now_ms) => now_ms - m.line_ms > STALE_MS, doubt("silent", "No signal", "triangle")],
  [(m) => m.device === "offline", doubt("off", "Camera is off", "cross")],
  [(m) => m.device !== "online", doubt("waiting", "Waiting for the camera", "ring")],
  [
    (m, now_ms) => LIVE_PHASES.has(m.state?.phase) && sinceLive(m, now_ms) > STALE_MS,
    doubt("unseen", "Bar not seen", "triangle"),
  ],
];
const LIVE = doubt("live", "Live", "dot");

/** Judges the page's own truth; `age_ms` is how long ago the device was last known alive. */
export function freshness(model, now_ms) {
  const found = DOUBTS.find(([applies]) => applies(model, now_ms));
  const { word, shape } = found ? found[1] : LIVE;
  return { word, shape, stale: found !== undefined, age_ms: now_ms - model.device_ms };
}
