// The numbers of the last rep.

import { presentRep } from "./cue-figure.js";
import { byId, setText } from "./dom.js";
import { centimetres, inches, millimetres, speed } from "./format.js";
import { say } from "./said.js";
import { settings } from "./settings.js";

const DRIFTS = {
  mm: { key: "screen.forward", word: "Forward mm", format: (m) => millimetres(m).replace(" mm", "") },
  in: { key: "screen.forward_in", word: "Forward in", format: inches },
};

export const createNumbers = () => ({
  paint(model) {
    const { rep, target_reps } = model.state ?? {};
    const present = presentRep(model);
    const drift = DRIFTS[settings().drift_unit];
    setText(byId("rep"), String(rep ?? "–"));
    setText(byId("target"), target_reps ? `${say("screen.of", "of")} ${target_reps}` : "");
    setText(byId("speed"), speed(present?.mean_velocity_mps));
    setText(byId("drift"), drift.format(present?.drift_forward_m));
    setText(byId("drift-name"), say(drift.key, drift.word));
    setText(byId("rom"), centimetres(present?.rom_m));
  },
});
