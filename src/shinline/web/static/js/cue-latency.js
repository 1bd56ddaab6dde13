// How long a cue takes from the camera to this screen, as the device measures it from the echoes.

import { byId, setText } from "./dom.js";
import { say } from "./said.js";

const isKnown = (value) => typeof value === "number";

export const createLatency = () => ({
  paint({ stats }) {
    const { shown_p50_ms: half_ms, shown_p95_ms: most_ms } = stats ?? {};
    const isMeasured = isKnown(half_ms) && isKnown(most_ms);
    const words = say("screen.within", "Cue on screen within");
    const text = `${words} ${Math.round(most_ms)} ms (p95), ${Math.round(half_ms)} ms (p50)`;
    for (const id of ["latency", "latency-more"]) setText(byId(id), isMeasured ? text : "");
  },
});
