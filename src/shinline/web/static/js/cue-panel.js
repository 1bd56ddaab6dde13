// The panel: the phase, the ready light, or what is wrong; and before all of them the cue.

import { byId, setText } from "./dom.js";
import { fitText, releaseText } from "./fit-text.js";
import { setIcon } from "./icons.js";
import { currentCue } from "./model.js";
import { createStrip, lightOf, wrongOf } from "./setup.js";
import { PHASES, SEVERITIES } from "./words.js";

/** Takes over #panel; `page.repaint()` is called when its size changes and when a cue has run out. */
export function createPanel(page) {
  const panel = byId("panel");
  const strip = createStrip(byId("steps"));
  let expiry = 0;

  /** Names the phase, or what is wrong: an old "Ready" in giant letters would be a lie. */
  function paintPhase(model, fresh) {
    const lit = fresh.stale ? null : lightOf(model);
    const phase = model.state?.phase ?? "idle";
    const { word, shape } = fresh.stale ? fresh : (lit ?? PHASES[phase]);
    document.body.dataset.phase = phase;
    document.body.dataset.light = lit?.light ?? "";
    document.body.dataset.mode = model.state?.mode ?? "standard";
    setText(byId("wrong"), lit?.light === "no" ? wrongOf(model).join(" · ") : "");
    strip.draw(model);
    setIcon(byId("phase-icon"), shape);
    setText(byId("phase"), word);
  }

  function paintCue(cue) {
    panel.dataset.severity = cue?.severity ?? "none";
    setText(byId("cue"), cue?.text ?? "");
    if (cue) setIcon(byId("severity-icon"), SEVERITIES[cue.severity].shape);
    setText(byId("severity"), cue ? SEVERITIES[cue.severity].word : "");
    if (cue) releaseText(byId("phase"));
    fitText(byId(cue ? "cue" : "phase"));
  }

  new ResizeObserver(page.repaint).observe(panel);
  return {
    paint(model, now_ms, fresh) {
      const cue = currentCue(model, now_ms);
      paintPhase(model, fresh);
      paintCue(cue);
      clearTimeout(expiry);
      if (cue) expiry = setTimeout(page.repaint, cue.until_ms - now_ms);
    },
  };
}
