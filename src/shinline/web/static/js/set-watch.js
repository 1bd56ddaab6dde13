// Who changed the set: this phone, or somebody else. The device answers every request where all
// phones hear it, so an answer to a question that was not ours is somebody else's doing. No DOM.

const RIGHT_AFTER_MS = 3000;

/** Requests whose effect others want to be told of. */
const TOLD = new Set(["start_set", "set_load", "end_set", "mute"]);

/**
 * `asked(verb)` and `answered(verb, status, now_ms)` follow this phone's own requests,
 * `heard(verb, answer, now_ms)` an answer to another's. The latter two return what is to be told,
 * { verb, data, how }, or null. `how`: `theirs` (somebody else changed it), `over` (somebody else
 * changed it right after this phone did: theirs counts), `under` (somebody else had just changed it
 * when this phone's request came: ours counts).
 */
export function createWatch() {
  let waiting = 0;
  let theirs = null;
  let own_ms = -Infinity;

  function asked(verb) {
    if (TOLD.has(verb)) waiting += 1;
  }

  function answered(verb, status, now_ms) {
    if (!TOLD.has(verb)) return null;
    waiting -= 1;
    if (status === "ok") own_ms = now_ms;
    const before = theirs;
    if (waiting === 0) theirs = null;
    if (before === null) return null;
    return { ...before, how: status === "ok" ? "under" : "theirs" };
  }

  function heard(verb, { status, data }, now_ms) {
    if (status !== "ok" || !TOLD.has(verb)) return null;
    const news = { verb, data: data ?? {} };
    if (waiting > 0) {
      theirs = news;
      return null;
    }
    return { ...news, how: now_ms - own_ms < RIGHT_AFTER_MS ? "over" : "theirs" };
  }

  return { asked, answered, heard };
}
