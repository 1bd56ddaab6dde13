// Whether this page is the second screen: a television without hands. It is opened as `/?screen=1`,
// or `/?screen=1&sound=1` where it shall sound, by the page that `shinline pair --screen` writes.

const asked = new URLSearchParams(location.search);

export const isScreen = asked.get("screen") === "1";

/** What a screen cannot be set to, because nobody stands before it who could. */
export const FIXED = isScreen
  ? {
      sound: asked.get("sound") === "1",
      ready_tone: false,
      speech: false,
      vibration: false,
      flash: true,
      awake: true,
      distance: true,
    }
  : {};

/** Leaves nothing that could be reached by a stray mouse; the panel is all there is. */
export function takeHandsOff() {
  document.body.dataset.screen = "true";
  const rest = "header, .sound-note, .numbers, .asks, .picture";
  for (const part of document.querySelectorAll(rest)) part.inert = true;
}
