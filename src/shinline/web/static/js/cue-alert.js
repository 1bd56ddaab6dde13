// The one place where an accepted cue becomes picture, flash, sound, speech and vibration: all of
// them or, on a page that nobody sees, none.

import { attempt } from "./attempt.js";
import { say } from "./said.js";
import { settings } from "./settings.js";
import { lengthOf } from "./sounds.js";

// Silent until it matters: a note or something to watch has no sound of its own.
const SIGNALS = {
  good: { sound: "good", vibration_ms: [80] },
  fault: { sound: "fault", vibration_ms: [250, 120, 250], flash_ms: 1500 },
  stop: { sound: "stop", vibration_ms: [400, 100, 400, 100, 400], flash_ms: 2500 },
};

const PAUSE_S = 0.1;

/** Shakes the phone where it can; a browser complains when nobody has touched the page yet. */
function vibrate(pattern_ms) {
  const isTouched = navigator.userActivation?.hasBeenActive ?? false;
  if (settings().vibration && isTouched) navigator.vibrate?.(pattern_ms);
}

/** Calls `done` when what was painted last is on the screen: after the frame that shows it. */
function afterPaint(done) {
  requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      done();
    };
    port2.postMessage(null);
  });
}

const isCovered = () => document.querySelector("dialog[open]") !== null;

/** What must be seen takes the page back: a sheet that lies over it closes, and keeps its draft. */
function uncover() {
  for (const sheet of document.querySelectorAll("dialog[open]")) sheet.close();
}

/**
 * `page.paint()` paints at once; `page.send(name, fields)` publishes. `announce(cue, arrived_ms)`
 * gives all signals of a cue and tells the device how long it took to be seen.
 * `flash(now_ms)` names the severity that flashes now, or is null; `hush()` ends it.
 */
export function createAlert(page, speaker, voice) {
  let flashing = null;
  let light = "";

  function flash(now_ms) {
    if (flashing && now_ms >= flashing.until_ms) flashing = null;
    return flashing?.severity ?? null;
  }

  function hush() {
    flashing = null;
  }

  function announce(cue, arrived_ms) {
    if (document.hidden) return;
    const { sound, vibration_ms, flash_ms } = SIGNALS[cue.severity] ?? {};
    if (flash_ms) uncover();
    const until_ms = Math.min(arrived_ms + (flash_ms ?? 0), cue.until_ms);
    flashing = flash_ms && settings().flash ? { severity: cue.severity, until_ms } : null;
    page.paint();
    const isHeard = sound !== undefined && attempt(speaker, () => speaker.play(sound));
    if (vibration_ms) attempt(vibrate, () => vibrate(vibration_ms));
    const pause_s = isHeard ? lengthOf(sound) + PAUSE_S : 0;
    attempt(voice, () => voice.speak(cue.said, 1000 * pause_s, cue.until_ms));
    if (isCovered()) return; // heard, but not seen
    afterPaint(() => {
      const page_ms = Number((performance.now() - arrived_ms).toFixed(1));
      page.send("request/shown", { id: cue.id, page_ms });
    });
  }

  /** Sounds the ready light, for who asked for it: once for each time that it turns to yes. */
  function follow(next) {
    if (next === "yes" && light !== "yes" && settings().ready_tone && !document.hidden) {
      speaker.play("ready");
      voice.speak(say("states.ready", "Ready"), 200, Infinity);
    }
    light = next;
  }

  return { announce, flash, hush, follow };
}
