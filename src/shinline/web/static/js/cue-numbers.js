// The numbers of the last rep.

import { byId, setText } from "./dom.js";
import { centimetres, millimetres, speed } from "./format.js";

export const createNumbers = () => ({
  paint({ state, last }) {
    const { rep, target_reps } = state ?? {};
    setText(byId("rep"), String(rep ?? "–"));
    setText(byId("target"), target_reps ? `of ${target_reps}` : "");
    setText(byId("speed"), speed(last?.rep?.mean_velocity_mps));
    setText(byId("drift"), millimetres(last?.rep?.drift_forward_m).replace(" mm", ""));
    setText(byId("rom"), centimetres(last?.rep?.rom_m));
  },
});
