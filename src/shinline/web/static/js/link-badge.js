// The head of a page: whether what it shows can be believed, in a word and a shape.

import { byId, setText } from "./dom.js";
import { age } from "./format.js";
import { setIcon } from "./icons.js";
import { say } from "./said.js";

const SHOW_AGE_MS = 1000;

/** Paints what `freshness` found, and how many messages could not be read. */
export function paintLink({ stale, age_ms, word, shape }, malformed) {
  const old = stale && Number.isFinite(age_ms) && age_ms > SHOW_AGE_MS;
  document.body.dataset.stale = String(stale);
  setIcon(byId("link-icon"), shape);
  setText(byId("link"), word);
  setText(byId("age"), old ? `${say("link.heard", "last heard")} ${age(age_ms)}` : "");
  setText(byId("malformed"), malformed ? `${say("link.unreadable", "Unreadable messages")}: ${malformed}` : "");
}
