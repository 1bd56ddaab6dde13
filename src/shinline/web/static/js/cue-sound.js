// Says when the loudspeaker is shut, and opens it to a touch.

import { byId, setText } from "./dom.js";
import { setIcon } from "./icons.js";
import { say } from "./said.js";

const NOTE_MS = 12_000;

const ASKS = {
  unarmed: ["sound.tap", "Tap to turn the sound on"],
  interrupted: ["sound.again", "Sound is paused. Tap to go on."],
};

/** Takes over #arm, a bar that is there only while a touch is needed, and #sound-note. */
export function createSoundBar(page, speaker) {
  let noted_ms = -Infinity;

  async function arm() {
    await speaker.arm();
    noted_ms = performance.now();
    page.repaint();
  }

  byId("arm").addEventListener("click", arm);
  return {
    paint(_model, now_ms) {
      const state = speaker.state();
      const ask = ASKS[state];
      byId("arm").hidden = !ask;
      byId("arm").dataset.state = state;
      setIcon(byId("arm-icon"), "speaker");
      if (ask) setText(byId("arm-word"), say(...ask));
      const isNew = state === "armed" && now_ms - noted_ms < NOTE_MS;
      const note = say(
        "sound.heard",
        "Two rising tones? If not: volume up. An iPhone's silent switch mutes them.",
      );
      setText(byId("sound-note"), isNew ? note : "");
    },
    arm,
  };
}
