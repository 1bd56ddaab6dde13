// The review page: /review lists the sessions, /review/<id> shows one.

import { byId, el, getJson, setText } from "./dom.js";
import { kilograms, moment } from "./format.js";
import { setSection } from "./review-set.js";
import { weeksSection } from "./review-weeks.js";
import { loadWords } from "./said.js";
import { liftWord } from "./words.js";

const content = byId("content");

const plural = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;

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
  `${plural(set_count, "set")} · ${plural(rep_count, "rep")}`;

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

async function showList(sessions) {
  if (sessions.length === 0) {
    show(message("No sessions yet.", el("p", {}, "Lift something: it is kept here by itself.")));
    return;
  }
  const cards = el("ul", { class: "cards" }, ...sessions.map(sessionCard));
  const weeks = await getJson("/api/weeks").catch(() => []);
  show(cards, ...weeksSection(weeks));
}

/** Fetches the paths of a set's reps; one that cannot be had is null and the rest still shows. */
const fetchPaths = (reps) =>
  Promise.all(
    reps.map(({ id }) => getJson(`/api/paths/${encodeURIComponent(id)}`).catch(() => null)),
  );

async function showSession(id) {
  const session = await getJson(`/api/sessions/${encodeURIComponent(id)}`);
  const sets = session.sets.filter(({ reps }) => reps.length > 0);
  const paths = await Promise.all(sets.map(({ reps }) => fetchPaths(reps)));
  const { camera_events: events = [], labels = {}, own = [] } = session;
  const told = { events, labels, own };
  setText(byId("title"), moment(session.started));
  const origin = [describe(session), session.source, `Shinline ${session.version}`];
  setText(byId("subtitle"), origin.filter(Boolean).join(" · "));
  if (sets.length === 0) show(message("No rep was finished in this session."));
  else show(...sets.map((set, i) => setSection(set, paths[i], told)));
}

function showProblem(problem) {
  const again = el("button", { class: "button", type: "button" }, "Try again");
  again.addEventListener("click", () => location.reload());
  show(message(`This could not be loaded: ${problem.message}.`, again));
}

async function showLinks(session) {
  byId("back").hidden = !session;
  const { ws_port } = await getJson("/api/info");
  byId("live").hidden = ws_port === null;
}

async function start() {
  const session = decodeURIComponent(location.pathname.split("/")[2] ?? "");
  await Promise.all([showLinks(session), loadWords()]);
  if (session) await showSession(session);
  else await showList(await getJson("/api/sessions"));
}

start().catch(showProblem);
