// How one phone is set: kept on it, in a single record, and never sent anywhere.

import { FIXED } from "./screen.js";
import { flag, number, oneOf } from "./shapes.js";
import { keep, recall } from "./store.js";

const KEY = "shinline.settings";

const between = (low, high) => (value) => number(value) && value >= low && value <= high;

// Each setting: what it is at first, and what it may be. "" for the language is the device's.
const SETTINGS = {
  language: { first: "", allowed: oneOf({ "": 0, en: 0, de: 0, es: 0 }) },
  sound: { first: true, allowed: flag },
  volume: { first: 1, allowed: between(0, 1) },
  ready_tone: { first: false, allowed: flag },
  speech: { first: false, allowed: flag },
  vibration: { first: true, allowed: flag },
  flash: { first: true, allowed: flag },
  awake: { first: true, allowed: flag },
  distance: { first: true, allowed: flag },
  hand: { first: "right", allowed: oneOf({ left: 0, right: 0 }) },
  load_unit: { first: "kg", allowed: oneOf({ kg: 0, lb: 0 }) },
  drift_unit: { first: "mm", allowed: oneOf({ mm: 0, in: 0 }) },
};

const listeners = new Set();
let now = read();

/** Takes what is kept and still allowed; the rest is as at first. */
function read() {
  let kept = {};
  try {
    kept = JSON.parse(recall(KEY)) ?? {};
  } catch {
    // damaged: as at first
  }
  const rows = Object.entries(SETTINGS).map(([name, { first, allowed }]) => {
    const value = Object.hasOwn(kept, name) ? kept[name] : first;
    return [name, allowed(value) ? value : first];
  });
  return Object.freeze({ ...Object.fromEntries(rows), ...FIXED });
}

function take(next) {
  const before = now;
  now = Object.freeze(next);
  for (const listener of listeners) listener(now, before);
}

/** Returns all settings of this phone, as they are now; the record is never changed in place. */
export const settings = () => now;

/** Calls `listener(settings, before)` after every change, also one made on another tab. */
export function onSettings(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Changes one setting and keeps it; a value that is not allowed is a programmer's mistake. */
export function setSetting(name, value) {
  if (!SETTINGS[name].allowed(value)) throw new RangeError(`${name} cannot be ${value}`);
  const next = { ...now, [name]: value };
  keep(KEY, JSON.stringify(next));
  take(next);
}

addEventListener("storage", ({ key }) => key === KEY && take(read()));
