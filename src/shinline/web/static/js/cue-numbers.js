// The numbers of the last rep.

import { presentRep } from "./cue-figure.js";
import { byId, setText } from "./dom.js";
import { speed } from "./format.js";
import { say } from "./said.js";
import { settings } from "./settings.js";
import { heightOf, LENGTHS, lengthNumber } from "./units.js";

const NAMES = {
  mm: { drift: ["screen.forward", "Forward mm"], height: ["screen.height", "Height cm"] },
  in: { drift: ["screen.forward_in", "Forward in"], height: ["screen.height_in", "Height in"] },
};

export const createNumbers = () => ({
  paint(model) {
    const { rep, target_reps } = model.state ?? {};
    const present = presentRep(model);
    const length = LENGTHS[settings().drift_unit];
    const names = NAMES[length.unit];
    setText(byId("rep"), String(rep ?? "–"));
    setText(byId("target"), target_reps ? `${say("screen.of", "of")} ${target_reps}` : "");
    setText(byId("speed"), speed(present?.mean_velocity_mps));
    setText(byId("drift"), lengthNumber(present?.drift_forward_m, length));
    setText(byId("drift-name"), say(...names.drift));
    setText(byId("rom"), lengthNumber(present?.rom_m, heightOf(length)));
    setText(byId("rom-name"), say(...names.height));
  },
});
