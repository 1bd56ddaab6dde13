// Near or far: the whole page for a hand, or one number and one word for who stands at the bar.

import { settings } from "./settings.js";

const UNTOUCHED_MS = 20_000;
const LIFTING = new Set(["pull", "lockout", "lowering"]);

export const isLifting = (state) => LIFTING.has(state?.phase);

/**
 * Tells whether to show the far view: the lifter lifts and has not touched the phone since, or
 * nobody has for a while. Times are of one clock, in ms; `lifting_ms` is since when, or null.
 */
export function isFar({ now_ms, touched_ms, lifting_ms }) {
  if (lifting_ms !== null && lifting_ms > touched_ms) return true;
  return now_ms - touched_ms > UNTOUCHED_MS;
}

/** Sets `data-view` and `data-flash` of the page; a touch brings the near view, and ends a flash. */
export function createView(page, alert) {
  let touched_ms = performance.now();
  let lifting_ms = null;

  function touch() {
    touched_ms = performance.now();
    alert.hush();
    page.repaint();
  }

  const isBusy = () => document.querySelector("dialog[open]") !== null;

  for (const kind of ["pointerdown", "keydown", "focusin"]) {
    document.addEventListener(kind, touch);
  }
  return {
    paint({ state }, now_ms) {
      if (!isLifting(state)) lifting_ms = null;
      else lifting_ms ??= now_ms;
      const flash = isBusy() ? null : alert.flash(now_ms);
      const far = settings().distance && !isBusy() && isFar({ now_ms, touched_ms, lifting_ms });
      document.body.dataset.flash = flash ?? "";
      document.body.dataset.view = far || flash ? "far" : "near";
      document.body.dataset.hand = settings().hand;
    },
  };
}
