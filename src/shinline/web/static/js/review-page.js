// The review page: /review lists the sessions, /review/<id> shows one.

import { byId, el, getJson, setText } from "./dom.js";
import { kilograms, moment } from "./format.js";
import { repCount, setSection } from "./review-set.js";
import { weeksSection } from "./review-weeks.js";
import { loadWords, say } from "./said.js";
import { sayPage, sayWith } from "./sentences.js";
import { liftWord } from "./words.js";

const content = byId("content");

const setCount = (n) =>
  n === 1 ? say("review.set_one", "1 set") : sayWith("review.sets", "{n} sets", { n });

const message = (text, ...more) =>
  el("div", { class: "message", role: "status" }, el("p", {}, text), ...more);

function show(...nodes) {
  content.replaceChildren(...nodes);
  content.setAttribute("aria-busy", "false");
}

/** What was lifted, in one line; parts that were not given are left out. */
const describe = ({ lifter, lift, load_kg }) =>
  [lifter, liftWord(lift), load_kg ? kilograms(load_kg) : ""].filter(Boolean).join(" · ");

const size = ({ set_count, rep_count }) =>
  `${setCount(set_count)} · ${repCount(rep_count)}`;

const sessionCard = (session) =>
  el(
    "li",
    {},
    el(
      "a",
      { class: "card", href: `/review/${encodeURIComponent(session.id)}` },
      el("strong", {}, moment(session.started)),
      el("span", {}, describe(session)),
      el("span", { class: "muted" }, size(session)),
    ),
  );

/** Fetches the list, and returns what shows it. */
async function openList() {
  const sessions = await getJson("/api/sessions");
  const weeks = sessions.length ? await getJson("/api/weeks").catch(() => []) : [];
  return () => showList(sessions, weeks);
}

function showList(sessions, weeks) {
  if (sessions.length === 0) {
    const hint = say("review.no_sessions_hint", "Lift something: it is kept here by itself.");
    show(message(say("review.no_sessions", "No sessions yet."), el("p", {}, hint)));
    return;
  }
  show(el("ul", { class: "cards" }, ...sessions.map(sessionCard)), ...weeksSection(weeks));
}

/** Fetches the paths of a set's reps; one that cannot be had is null and the rest still shows. */
const fetchPaths = (reps) =>
  Promise.all(
    reps.map(({ id }) => getJson(`/api/paths/${encodeURIComponent(id)}`).catch(() => null)),
  );

/** Fetches a session with its paths, and returns what shows it. */
async function openSession(id) {
  const session = await getJson(`/api/sessions/${encodeURIComponent(id)}`);
  const sets = session.sets.filter(({ reps }) => reps.length > 0);
  const paths = await Promise.all(sets.map(({ reps }) => fetchPaths(reps)));
  return () => showSession(session, sets, paths);
}

function showSession(session, sets, paths) {
  const { camera_events: events = [], labels = {}, own = [] } = session;
  const told = { events, labels, own };
  setText(byId("title"), moment(session.started));
  const origin = [describe(session), session.source, `Shinline ${session.version}`];
  setText(byId("subtitle"), origin.filter(Boolean).join(" · "));
  if (sets.length === 0) show(message(say("review.no_rep", "No rep was finished in this session.")));
  else show(...sets.map((set, i) => setSection(set, paths[i], told)));
}

function showProblem(problem) {
  const again = el("button", { class: "button", type: "button" }, say("review.again", "Try again"));
  again.addEventListener("click", () => location.reload());
  const told = { name: problem.message };
  show(message(sayWith("review.not_loaded", "This could not be loaded: {name}.", told), again));
}

async function showLinks(session) {
  byId("back").hidden = !session;
  const { ws_port } = await getJson("/api/info");
  byId("live").hidden = ws_port === null;
}

async function start() {
  const session = decodeURIComponent(location.pathname.split("/")[2] ?? "");
  let paint = () => {};
  const repaint = () => {
    sayPage("review.title");
    paint();
  };
  await Promise.all([showLinks(session), loadWords(repaint)]);
  paint = session ? await openSession(session) : await openList();
  paint();
}

start().catch(showProblem);
