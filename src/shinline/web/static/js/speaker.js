// The phone's loudspeaker. A browser keeps it shut until somebody has touched the page, and shuts it
// again when a call comes or the phone is locked; the page says so whenever it is.

import { settings } from "./settings.js";
import { playInto } from "./sounds.js";

const TEST = "good";

/**
 * `state()` is "off" (switched off), "none" (no such thing here), "unarmed" (never touched),
 * "interrupted" (was on, and is not now) or "armed"; `changed()` is called when it is another.
 *
 * `arm()` is for a touch: it opens the loudspeaker and plays a test. `play(name)` plays at once or
 * not at all: what waits for a loudspeaker is too late when it sounds.
 */
export function createSpeaker(changed) {
  let context = null;

  function state() {
    if (!settings().sound) return "off";
    if (!("AudioContext" in window)) return "none";
    if (!context) return "unarmed";
    return context.state === "running" ? "armed" : "interrupted";
  }

  /** Asks for the loudspeaker back; some phones only give it to a touch, and refuse without a word. */
  function resume() {
    if (context && context.state !== "running") context.resume().catch(() => {});
  }

  async function arm() {
    if (!("AudioContext" in window)) return false;
    if (!context) {
      context = new AudioContext({ latencyHint: "interactive" });
      context.addEventListener("statechange", changed);
    }
    await context.resume().catch(() => {});
    changed();
    return play(TEST);
  }

  function play(name) {
    if (state() !== "armed") return false;
    playInto(context, name, settings().volume, context.currentTime);
    return true;
  }

  const wake = () => !document.hidden && resume();
  document.addEventListener("visibilitychange", wake);
  for (const touch of ["pageshow", "focus", "pointerup", "keydown"]) addEventListener(touch, wake);
  return { state, arm, play };
}
