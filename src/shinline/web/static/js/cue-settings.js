// The sheet of what a phone is set to, with the ways to the other pages.

import { byId, el, setText } from "./dom.js";
import { say } from "./said.js";
import { onSettings, setSetting, settings } from "./settings.js";
import { onVoices, voiceFor } from "./voice.js";

const SOUND = [
  ["sound", "sound.on", "Sound"],
  ["ready_tone", "sound.ready_tone", "Tone when you are set up"],
  ["speech", "sound.speech", "Speak the cues"],
  ["vibration", "sound.vibration", "Vibrate"],
];
const SCREEN = [
  ["flash", "screen.flash", "Flash at a fault"],
  ["distance", "screen.distance", "Giant view from afar"],
  ["awake", "screen.awake", "Keep the screen on"],
];
const CHOICES = [
  [
    "language",
    ["screen.language", "Language"],
    [
      ["", "screen.as_device", "As the device"],
      ["en", null, "English"],
      ["de", null, "Deutsch"],
      ["es", null, "Español"],
    ],
  ],
  [
    "hand",
    ["screen.hand", "Buttons for the"],
    [
      ["right", "screen.right", "right hand"],
      ["left", "screen.left", "left hand"],
    ],
  ],
  ["load_unit", ["screen.load", "Load in"], [["kg", null, "kg"], ["lb", null, "lb"]]],
  ["drift_unit", ["screen.drift", "Drift in"], [["mm", null, "mm"], ["in", null, "in"]]],
];
const TESTS = ["good", "fault", "stop"];

const worded = (name, key, word, attributes = {}) =>
  el(name, { "data-say": key, ...attributes }, key ? say(key, word) : word);

function switchRow([name, key, word]) {
  const box = el("input", { type: "checkbox", role: "switch", id: `set-${name}` });
  const note = el("small", { id: `note-${name}` });
  box.setAttribute("aria-describedby", note.id);
  box.addEventListener("change", () => setSetting(name, box.checked));
  const words = el("span", {}, worded("span", key, word), note);
  return el("label", { class: "row" }, words, box);
}

function choiceRow([name, [key, word], values]) {
  const options = values.map(([value, ...said]) => worded("option", ...said, { value }));
  const list = el("select", { id: `set-${name}` }, ...options);
  list.addEventListener("change", () => setSetting(name, list.value));
  return el("label", { class: "row" }, worded("span", key, word), list);
}

function volumeRow() {
  const slide = el("input", { type: "range", id: "set-volume", min: 0.1, max: 1, step: 0.1 });
  slide.addEventListener("change", () => setSetting("volume", slide.valueAsNumber));
  return el("label", { class: "row" }, worded("span", "sound.volume", "Volume"), slide);
}

/** Lets a lifter learn what each sound means before it counts. */
function testRow({ speaker, arm }) {
  const buttons = TESTS.map((name) => {
    const button = worded("button", `severities.${name}`, name, { type: "button", class: "button" });
    button.addEventListener("click", async () => speaker.play(name) || ((await arm()), speaker.play(name)));
    return button;
  });
  return el("div", { class: "row tests" }, worded("span", "sound.test", "Listen"), ...buttons);
}

const AWAKE = {
  locked: ["screen.locked", "The screen stays on."],
  video: ["screen.video", "A tiny video asks the phone to stay on; not every phone does."],
  asleep: ["screen.asleep", "This phone refuses: raise its own screen time-out."],
};

/** Takes over #settings and #menu. `with_` is { speaker, awake, arm }. */
export function createSettings(page, with_) {
  const sheet = byId("settings");

  /** Says what this phone cannot do, where it is asked to do it. */
  function paintNotes() {
    const canSpeak = voiceFor(document.documentElement.lang) !== null;
    const canShake = "vibrate" in navigator;
    const awake = AWAKE[with_.awake.state()];
    byId("set-speech").disabled = !canSpeak;
    byId("set-vibration").disabled = !canShake;
    const noVoice = say("sound.no_voice", "This phone has no voice of its own for this language.");
    const noShake = say("sound.no_vibration", "This phone cannot, or its browser does not let it.");
    setText(byId("note-speech"), canSpeak ? "" : noVoice);
    setText(byId("note-vibration"), canShake ? "" : noShake);
    setText(byId("note-awake"), awake ? say(...awake) : "");
  }

  function show(now) {
    for (const [name, value] of Object.entries(now)) {
      const control = byId(`set-${name}`);
      if (control.type === "checkbox") control.checked = value;
      else control.value = value;
    }
    page.repaint();
  }

  byId("set-sound-rows").replaceChildren(...SOUND.map(switchRow), volumeRow(), testRow(with_));
  byId("set-screen-rows").replaceChildren(...SCREEN.map(switchRow), ...CHOICES.map(choiceRow));
  byId("menu").addEventListener("click", () => sheet.showModal());
  byId("settings-close").addEventListener("click", () => sheet.close());
  sheet.addEventListener("click", ({ target }) => target === sheet && sheet.close());
  sheet.addEventListener("close", page.repaint);
  onSettings(show);
  onVoices(page.repaint);
  show(settings());
  return {
    paint() {
      if (sheet.open) paintNotes();
    },
  };
}
