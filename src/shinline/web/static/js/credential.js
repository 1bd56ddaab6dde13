// What this phone logs in with: the device gives it once, for a code, and the browser keeps it for
// this address. A code in the page's own address is taken out of it before anybody can copy it.

import { keep as store, recall } from "./store.js";

const PLACE = "shinline.credential";
const MET = "shinline.met"; // what the device said of itself when it was last there
const FRAGMENT = "#pair=";
const LOGIN = "#login=";

let scanned = "";
let offered = null;

const isText = (value) => typeof value === "string" && value.length > 0;

/** Returns `{username, password}`, or null for a phone that is not paired. */
export function credential() {
  try {
    const { username, password } = JSON.parse(recall(PLACE));
    return isText(username) && isText(password) ? { username, password } : null;
  } catch {
    return null;
  }
}

/** Forgets the credential; only `refused`, if that is given, and not one that came since. */
export function forget(refused = credential()) {
  if (credential()?.password !== refused?.password) return;
  store(PLACE, null);
  store(MET, null);
}

/** Keeps what the device says of itself; answers whether it is another than when it was last met. */
export function meet(info) {
  const met = JSON.stringify(info);
  const isOther = recall(MET) !== met;
  store(MET, met);
  return isOther;
}

/** Returns the headers that show a request to be from a paired phone. */
export const authorization = ({ username, password }) => ({
  Authorization: `Basic ${btoa(`${username}:${password}`)}`,
});

/** Returns the code that was scanned to get here, once. */
export function takeScanned() {
  const code = scanned;
  scanned = "";
  return code;
}

/**
 * Keeps the credential that the page was opened with, once; answers whether there was one. Only for
 * a browser that has none: nobody's link shall put a phone out that is paired.
 */
export function takeOffered() {
  if (offered === null) return false;
  store(PLACE, JSON.stringify(offered));
  offered = null;
  return true;
}

/**
 * Pairs this phone, and keeps what it gets. Returns "" or what was in the way: `wrong_code`,
 * `wait`, `cannot_pair`, `bad_request`, `no_answer`.
 */
export async function pair(code, name) {
  let response;
  try {
    response = await fetch("/api/pair", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      credentials: "omit",
      body: JSON.stringify({ code, name }),
    });
  } catch {
    return "no_answer";
  }
  const body = await response.json().catch(() => ({}));
  if (!response.ok) return isText(body.code) ? body.code : "no_answer";
  store(PLACE, JSON.stringify({ username: body.username, password: body.password }));
  return "";
}

function takeFromAddress() {
  const { hash } = location;
  if (hash.startsWith(FRAGMENT)) {
    scanned = decodeURIComponent(hash.slice(FRAGMENT.length)).slice(0, 64);
  } else if (hash.startsWith(LOGIN)) {
    const [username, password] = hash.slice(LOGIN.length).split(":").map(decodeURIComponent);
    offered = isText(username) && isText(password) ? { username, password } : null;
  } else return;
  history.replaceState(null, "", location.pathname + location.search);
}

takeFromAddress();
// The camera app may lead to a page that is open already; one that is paired has no use for a code,
// and must not come back with it by itself when it is taken out later.
window.addEventListener("hashchange", () => {
  takeFromAddress();
  if (credential()) takeScanned();
});
