// Who lifts what, and how: one line in the head of the phone page.

import { byId, setText } from "./dom.js";
import { say } from "./said.js";
import { settings } from "./settings.js";
import { MASSES, massText } from "./units.js";
import { liftWord } from "./words.js";

const MODES = { technique: "technique", test: "test: no cues" };

export const createLifter = () => ({
  paint({ state }) {
    const { lifter, lift, load_kg, mode, muted } = state ?? {};
    const load = load_kg ? massText(load_kg, MASSES[settings().load_unit]) : "";
    const how = Object.hasOwn(MODES, mode ?? "") ? say(`screen.${mode}`, MODES[mode]) : "";
    const parts = [lifter, liftWord(lift), load, how, muted ? say("screen.muted", "muted") : ""];
    setText(byId("lifter"), parts.filter(Boolean).join(" · "));
  },
});
