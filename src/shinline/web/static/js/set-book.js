// The repetitions of the set as this phone knows them: seen as they ended, or read from the journal
// after a reload. No DOM. What is missing is named, never made up.

const UNDER_WAY = new Set(["pull", "lockout", "lowering"]);
const NOT_USUAL = new Set(["false", "failed", "bad"]);
const FAULTY = new Set(["fault", "stop"]);

export const createBook = () => ({
  session: "",
  reps: new Map(), // id -> { rep, isSure, trace, pull }
  labels: new Map(),
  summary: null,
});

/** An id is the session's and a number: what comes before the last dash names the session. */
export const sessionOf = (repId) => repId.replace(/-\d+$/, "");

const isUnderWay = (state) => UNDER_WAY.has(state.phase);

/**
 * Takes a finished repetition. `isSure` for one that ended while this page listened; one that was
 * retained, or kept in the journal, may be of a set long ago. `trace` is its path as it was seen.
 */
export function takeRep(book, rep, isSure, trace = null) {
  const session = sessionOf(rep.id);
  if (isSure && session !== book.session) clear(book, session);
  const known = book.reps.get(rep.id);
  if (known) Object.assign(known, { rep, isSure: known.isSure || isSure });
  else book.reps.set(rep.id, { rep, isSure, trace, pull: null });
}

function clear(book, session) {
  book.session = session;
  for (const id of book.reps.keys()) if (sessionOf(id) !== session) book.reps.delete(id);
}

export const dropRep = (book, id) => book.reps.delete(id);

export const takeLabel = (book, { rep_id, label }) => book.labels.set(rep_id, label);

/** Takes what the journal has of a set; what this page has seen itself is newer. */
export function takeSet(book, { reps, labels }) {
  for (const rep of reps) {
    if (!book.reps.get(rep.id)?.isSure) takeRep(book, rep, false);
  }
  for (const [id, label] of Object.entries(labels)) {
    if (!book.labels.has(id)) book.labels.set(id, label);
  }
}

function entriesOf(book, set, most) {
  const found = [...book.reps.values()].filter(
    ({ rep, isSure }) => rep.set === set && (isSure || (rep.rep <= most && isOfSession(book, rep))),
  );
  return found.sort((a, b) => a.rep.rep - b.rep.rep || (a.rep.start < b.rep.start ? -1 : 1));
}

/** A page that has seen no repetition end yet takes the retained one's word for the session. */
const isOfSession = (book, { id }) => book.session === "" || sessionOf(id) === book.session;

/**
 * Finds the set that is of interest: the one under way, or the one before while the next has no
 * repetition. Returns { set, isOver, entries, missing } with the numbers of repetitions that ended
 * and that this phone does not have; null while nothing is known.
 */
export function setInView(book, state) {
  if (!state) return null;
  const { set, rep } = state;
  const finished = isUnderWay(state) ? rep - 1 : rep;
  const entries = entriesOf(book, set, finished);
  const before = entriesOf(book, set - 1, Infinity);
  if (entries.length === 0 && finished <= 0 && before.length > 0) {
    return { set: set - 1, isOver: true, entries: before, missing: gaps(before, 0) };
  }
  const isSummed = book.summary?.set === set && book.summary.reps >= finished;
  const isOver = finished > 0 && isSummed && !isSpent(book.summary, entries.at(-1)?.rep);
  return { set, isOver, entries, missing: gaps(entries, finished) };
}

/**
 * Tells whether a set's sum is of before a repetition: numbers begin anew with every session, so a
 * retained sum may be of another set 1. Both times are of the device's clock.
 */
export const isSpent = ({ t_capture }, rep) => Date.parse(rep?.start) > Date.parse(t_capture);

function gaps(entries, finished) {
  const numbers = new Set(entries.map(({ rep }) => rep.rep));
  const most = Math.max(finished, ...numbers, 0);
  return Array.from({ length: most }, (_, i) => i + 1).filter((n) => !numbers.has(n));
}

const countsAs = (book, { rep }) => rep.valid !== false && !NOT_USUAL.has(book.labels.get(rep.id));

const hasFault = ({ rep }) =>
  rep.faults.some(({ assessed, severity }) => assessed && FAULTY.has(severity));

const most = (entries, valueOf) =>
  entries.reduce((best, entry) => (valueOf(entry) > valueOf(best) ? entry : best));

/**
 * Finds the repetition that the others are held against: { entry, why }. The fastest of those
 * without a fault (`clean`), or of all where each has one (`fastest`); of a set at technique, whose
 * speeds are not shown, the one that stayed nearest to the vertical (`straightest`). Null for none.
 */
export function bestOf(book, entries, mode) {
  const usual = entries.filter((entry) => countsAs(book, entry));
  if (mode === "technique") {
    const known = usual.filter(({ rep }) => Number.isFinite(rep.drift_forward_m));
    return known.length
      ? { entry: most(known, ({ rep }) => -rep.drift_forward_m), why: "straightest" }
      : null;
  }
  const timed = usual.filter(({ rep }) => Number.isFinite(rep.mean_velocity_mps));
  const clean = timed.filter((entry) => !hasFault(entry));
  const among = clean.length ? clean : timed;
  if (among.length === 0) return null;
  const entry = most(among, ({ rep }) => rep.mean_velocity_mps);
  return { entry, why: clean.length ? "clean" : "fastest" };
}

/**
 * Compares the last repetition with the fastest: { best, last, loss, limit }, or null before there
 * is one with a speed. What people called no repetition, this phone leaves out; the device does not.
 * Its figure is taken only where this phone lacks a repetition, and then `best` and `last` are null:
 * which ones it stands on is not known here.
 */
export function lossOf(book, view, state) {
  const timed = view.entries
    .filter((entry) => countsAs(book, entry))
    .map(({ rep }) => rep)
    .filter(({ mean_velocity_mps }) => Number.isFinite(mean_velocity_mps));
  if (timed.length === 0) return null;
  const best = timed.reduce((a, b) => (b.mean_velocity_mps > a.mean_velocity_mps ? b : a));
  const last = timed.at(-1);
  const limit = state.velocity_loss_limit ?? null;
  const isLacking = view.missing.length > 0 && view.set === state.set;
  const told = isLacking ? (state.velocity_loss ?? null) : null;
  if (told !== null) return { best: null, last: null, loss: told, limit };
  return { best, last, loss: 1 - last.mean_velocity_mps / best.mean_velocity_mps, limit };
}
