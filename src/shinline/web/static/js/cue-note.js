// What the far view must not keep quiet about: a cue that will not be heard, numbers in doubt.

import { byId, setText } from "./dom.js";
import { setIcon } from "./icons.js";
import { say } from "./said.js";
import { markWord, silentWords } from "./words.js";

const SHUT = new Set(["unarmed", "interrupted"]);

/**
 * Returns the one note that matters most, { word, shape }, or null. A loudspeaker that the lifter
 * has switched off is none: that was meant.
 */
function noteOf({ state, calibration, info }, sound) {
  if (info?.camera_ok === false) return silentWords();
  if (calibration?.floor_ok === false) return { ...markWord("camera_moved"), shape: "camera" };
  if (state?.muted === true) return { word: say("screen.no_cues", "Cues off"), shape: "dash" };
  if (SHUT.has(sound)) return { word: say("sound.none", "No sound"), shape: "silent" };
  return null;
}

/** Takes over #far-note. The near view says the same at length, so it is not spoken. */
export const createNote = (speaker) => ({
  paint(model, _now_ms, fresh) {
    const note = fresh.stale ? null : noteOf(model, speaker.state());
    byId("far-note").hidden = note === null;
    if (note) setIcon(byId("far-note-icon"), note.shape);
    setText(byId("far-note-word"), note?.word ?? "");
  },
});
