// Who lifts what, and how: one line in the head of the phone page.

import { byId, setText } from "./dom.js";
import { kilograms } from "./format.js";
import { liftWord } from "./words.js";

const MODES = { technique: "technique", test: "test: no cues" };

export const createLifter = () => ({
  paint({ state }) {
    const { lifter, lift, load_kg } = state ?? {};
    const load = load_kg ? kilograms(load_kg) : "";
    const how = [MODES[state?.mode] ?? "", state?.muted ? "muted" : ""];
    const parts = [lifter, liftWord(lift), load, ...how];
    setText(byId("lifter"), parts.filter(Boolean).join(" · "));
  },
});
