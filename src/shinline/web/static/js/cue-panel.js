// The panel: the phase, the ready light, or what is wrong; and before all of them the cue. In the
// far view it is the whole screen, with the giant number.

import { figureOf } from "./cue-figure.js";
import { byId, setText } from "./dom.js";
import { fitText, releaseText } from "./fit-text.js";
import { setIcon } from "./icons.js";
import { currentCue } from "./model.js";
import { createStrip, lightOf, wrongOf } from "./setup.js";
import { PHASES, SEVERITIES } from "./words.js";

// Still a letter that is read at a glance; a sentence bears less of it than a word.
const TALLEST = { number: 2.6, phase: 2, wrong: 1.4, cue: 1.4 };

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
    page.alert.follow(lit?.light ?? "");
  }

  function paintCue(cue) {
    panel.dataset.severity = cue?.severity ?? "none";
    setText(byId("cue"), cue?.said ?? "");
    if (cue) setIcon(byId("severity-icon"), SEVERITIES[cue.severity].shape);
    setText(byId("severity"), cue ? SEVERITIES[cue.severity].word : "");
  }

  /** Shows at most two things: a number with the word, or what to do before the pull in its place. */
  function paintFigure(model, fresh, cue) {
    const { text, unit } = figureOf(model);
    const isShown = !cue && !fresh.stale && byId("wrong").textContent === "";
    setText(byId("number"), isShown ? text : "");
    setText(byId("unit"), isShown ? unit : "");
    const isNarrow = isShown && text.length <= 2;
    panel.dataset.figure = isNarrow ? "narrow" : "wide";
  }

  function fit(cue, isFar) {
    if (cue) releaseText(byId("phase"));
    const shown = cue ? ["cue"] : ["phase"];
    if (isFar && !cue) shown.push("number", "wrong");
    else ["number", "wrong"].forEach((id) => releaseText(byId(id)));
    for (const id of shown) {
      if (byId(id).textContent) fitText(byId(id), isFar ? TALLEST[id] : 1);
    }
  }

  new ResizeObserver(page.repaint).observe(panel);
  return {
    paint(model, now_ms, fresh) {
      const cue = currentCue(model, now_ms);
      paintPhase(model, fresh);
      paintCue(cue);
      paintFigure(model, fresh, cue);
      fit(cue, document.body.dataset.view === "far");
      clearTimeout(expiry);
      if (cue) expiry = setTimeout(page.repaint, cue.until_ms - now_ms);
    },
  };
}
