// Near or far: the whole page for a hand, or one number and one word for who stands at the bar.

import { isScreen, takeHandsOff } from "./screen.js";
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

const TAP_MS = 5000;
const AFTER_MS = 400; // a click follows the end of its touch at once, or never comes

/**
 * Swallows the click that ends a touch: it was meant for the far view, and what lies below has been
 * uncovered under the finger. A click of the keyboard has no count, and passes.
 */
function createSwallow() {
  let timer = 0;

  function stop() {
    clearTimeout(timer);
    document.removeEventListener("click", swallow, true);
  }

  function swallow(event) {
    if (event.detail === 0) return;
    stop();
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  function start() {
    stop();
    document.addEventListener("click", swallow, true);
    timer = setTimeout(stop, TAP_MS);
    for (const end of ["pointerup", "pointercancel"]) {
      document.addEventListener(end, soon, { once: true, capture: true });
    }
  }

  function soon() {
    clearTimeout(timer);
    timer = setTimeout(stop, AFTER_MS);
  }

  return { start, stop };
}

/** The view of a second screen: always far. */
function createScreen(alert) {
  takeHandsOff();
  return {
    paint(_model, now_ms) {
      document.body.dataset.flash = alert.flash(now_ms) ?? "";
      document.body.dataset.view = "far";
    },
  };
}

/** Sets `data-view` and `data-flash` of the page; a touch brings the near view, and ends a flash. */
export function createView(page, alert) {
  if (isScreen) return createScreen(alert);
  let touched_ms = performance.now();
  let lifting_ms = null;

  function touch() {
    touched_ms = performance.now();
    alert.hush();
    page.repaint();
  }

  const isBusy = () => document.querySelector("dialog[open]") !== null;

  const swallow = createSwallow();

  document.addEventListener("pointerdown", () => {
    if (document.body.dataset.view === "far") swallow.start();
    else swallow.stop();
  });
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
