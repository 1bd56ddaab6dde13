// How long a cue takes from the camera to this screen, as the device measures it from the echoes.

import { byId, setText } from "./dom.js";
import { sayWith } from "./sentences.js";

const isKnown = (value) => typeof value === "number";

export const createLatency = () => ({
  paint({ stats }) {
    const { shown_p50_ms: half_ms, shown_p95_ms: most_ms } = stats ?? {};
    const isMeasured = isKnown(half_ms) && isKnown(most_ms);
    const text = sayWith(
      "screen.within",
      "Cue on screen: half of them within {half} ms, 19 of 20 within {most} ms",
      { half: Math.round(half_ms), most: Math.round(most_ms) },
    );
    for (const id of ["latency", "latency-more"]) setText(byId(id), isMeasured ? text : "");
  },
});
