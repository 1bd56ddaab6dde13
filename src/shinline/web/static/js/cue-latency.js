// How long a cue takes from the camera to this screen, as the device measures it from the echoes;
// and that the device looks less often than it could, where it does.

import { byId, setText } from "./dom.js";
import { sayWith } from "./sentences.js";

const isKnown = (value) => typeof value === "number";

const WHY = {
  load: ["screen.slowed_load", "Only {rate} pictures a second: the device has too much to do"],
  heat: ["screen.slowed_heat", "Only {rate} pictures a second: the device is too hot"],
  power: [
    "screen.slowed_power",
    "Only {rate} pictures a second: the device's power supply is too weak",
  ],
};

function slowedText({ slowed, rate_hz }) {
  if (!slowed || !Object.hasOwn(WHY, slowed) || !isKnown(rate_hz)) return "";
  return sayWith(...WHY[slowed], { rate: Math.round(rate_hz) });
}

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
    for (const id of ["slowed", "slowed-more"]) setText(byId(id), slowedText(stats ?? {}));
  },
});
