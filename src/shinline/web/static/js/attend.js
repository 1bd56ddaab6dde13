// Keeps a page on the line to its device, from before the device has started to after the phone woke.

import { credential, meet } from "./credential.js";
import { getJson } from "./dom.js";
import { openLink } from "./link.js";
import { hear, isSilent, setLinked, STALE_MS, take } from "./model.js";

const RETRY_MS = 2000;
const LONGEST_PAUSE_MS = 30_000;
const WATCH_MS = 500;
const PATIENCE_MS = 3000; // a silent line may come back by itself, and a new one costs time as well

const now_ms = () => performance.now();

/** Where the broker is: beside the page, unless the device says otherwise. */
const brokerUrl = ({ mqtt, ws_port }) =>
  mqtt?.url ||
  `${location.protocol === "https:" ? "wss" : "ws"}://${location.hostname}:${ws_port}/mqtt`;

/** As whom: this phone, or whoever phones are at a broker that is not the device's own. */
function login({ mqtt }) {
  const { username, password } = mqtt ?? credential() ?? { username: "" };
  return username ? { username, password } : {};
}

/**
 * Connects `model` (of model.js) to the device and keeps it connected.
 *
 * `page.topics`: what to listen to; `page.read(name, payload)` reads a message as messages.js does;
 * `page.message(name, content, retained)` takes what was accepted, `page.changed()` follows any
 * news, `page.woken()` the return of a page to the front, or its leaving.
 *
 * Returns `publish(name, fields)`: sends JSON at once and at most once, false when there is no line;
 * and `restart()`: gives the line up with all that waits on it, and dials anew.
 */
export function attend(model, page) {
  let send = () => false;
  let pause_ms = 0;
  let redial = () => {};
  let checking = false;
  let dialled_ms = -Infinity;
  let wasAway = false;

  function onMessage(prefix, topic, payload, retained) {
    const name = topic.slice(prefix.length);
    const content = page.read(name, payload);
    if (content === undefined) return;
    if (content === null) model.malformed += 1;
    else if (name === "status") take(model, name, content, now_ms(), retained);
    else page.message(name, content, retained);
    page.changed();
  }

  /** What was held up in a line must not pass for news: it goes with the line. */
  function redialSilent(link, least_ms) {
    const now = now_ms();
    if (!isSilent(model, now) || now - model.line_ms <= least_ms) return false;
    if (now - dialled_ms < PATIENCE_MS) return false;
    dialled_ms = now;
    link.restart();
    return true;
  }

  /** The first sign after a long silence leads a backlog; its packet is not looked at any more. */
  function onHeard(link) {
    if (!redialSilent(link, STALE_MS)) hear(model, now_ms());
  }

  /** A page that comes back to the front may hold a dead line: dial again unless it just spoke. */
  function wake(link) {
    const isDead = !model.linked || now_ms() - model.line_ms > STALE_MS / 2;
    if (!document.hidden && isDead) link.restart();
    page.woken();
  }

  /**
   * The broker refuses us. Whether that is because this phone was taken out, the device says: then
   * `getJson` waits until it is paired again. Otherwise the next try is later each time.
   */
  async function onRefused(link) {
    page.changed();
    await getJson("/api/info").catch(() => {});
    setTimeout(() => link.resume(), pause_ms);
    pause_ms = Math.min(2 * pause_ms + 500, LONGEST_PAUSE_MS);
  }

  /**
   * A device that went and came back may be newer, or be reached elsewhere: then begin afresh. Its
   * broker can be there before its pages are, so it is asked until it answers.
   */
  async function recheck(info) {
    if (checking) return;
    checking = true;
    let now = null;
    while (now === null) {
      now = await getJson("/api/info").catch(() => null);
      if (now === null) await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
    checking = false;
    if (JSON.stringify(now) !== JSON.stringify(info)) location.reload();
  }

  /**
   * A page that was opened without its device is of the release that was last met; one that has
   * become another since is met as it is. Answers whether the page is being loaded anew.
   */
  function isOutdated(info) {
    const isOld = meet(info) && wasAway;
    if (isOld) location.reload();
    return isOld;
  }

  async function start() {
    const info = await getJson("/api/info");
    if (isOutdated(info)) return;
    const prefix = `shinline/${info.platform}/`;
    document.title = `${document.title} · ${info.platform}`;
    const topics = page.topics.map((name) => prefix + name);
    const link = openLink(brokerUrl(info), () => login(info), topics, {
      linked(up) {
        if (up) pause_ms = 0;
        setLinked(model, up);
        recheck(info);
        page.changed();
      },
      refused: () => onRefused(link),
      heard: () => onHeard(link),
      message: (...message) => onMessage(prefix, ...message),
    });
    redial = link.restart;
    send = (name, fields) => link.publish(prefix + name, JSON.stringify(fields));
    setInterval(() => redialSilent(link, PATIENCE_MS), WATCH_MS);
    document.addEventListener("visibilitychange", () => wake(link));
    window.addEventListener("pageshow", (event) => event.persisted && wake(link));
    window.addEventListener("online", () => link.restart());
  }

  /** The page may be open before the device has finished starting. */
  function begin() {
    start().catch(() => {
      wasAway = true;
      setLinked(model, false);
      page.changed();
      setTimeout(begin, RETRY_MS);
    });
  }

  begin();
  return { publish: (name, fields) => send(name, fields), restart: () => redial() };
}
