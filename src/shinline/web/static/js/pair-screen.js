// What a phone shows that is not paired: how to pair it, and nothing else.

import { credential, pair, takeScanned } from "./credential.js";
import { el, setText } from "./dom.js";
import { forgetWords, hasWords, loadWords, say, sayAll } from "./said.js";
import { isScreen } from "./screen.js";

const DIGITS = 12;

const PROBLEMS = {
  wrong_code: "That is not the code of this device. Look again, or ask for a new one.",
  not_a_code: "The code has twelve letters and digits.",
  wait: "Too many tries. Wait a minute, then try again.",
  cannot_pair: "The device cannot pair anybody now. At the device, shinline pair says why.",
  bad_request: "The device did not understand. Reload this page.",
  no_answer: "The device does not answer. Is it on, and is this phone in its Wi-Fi?",
};

const KINDS = [
  [/iPhone/, "iPhone"],
  [/iPad/, "iPad"],
  [/Android/, "Android"],
  [/Windows/, "Windows"],
  [/Mac OS/, "Mac"],
];

/** Returns a name that its owner will know this phone by. */
export const phoneName = () =>
  KINDS.find(([pattern]) => pattern.test(navigator.userAgent))?.[1] ?? "Browser";

const isPrivate = () =>
  location.protocol === "https:" || ["localhost", "127.0.0.1", "[::1]"].includes(location.hostname);

const said = (name, key, words, attributes = {}) =>
  el(name, { ...attributes, "data-say": key }, say(key, words));

/** Loads the stylesheet of this screen, which no page needs that is paired. */
function loadStyle() {
  const link = el("link", { rel: "stylesheet", href: "/static/pair.css" });
  document.head.append(link);
  return new Promise((done) => {
    link.addEventListener("load", done);
    link.addEventListener("error", done);
  });
}

function fields() {
  const code = el("input", {
    id: "pair-code",
    name: "code",
    autocomplete: "off",
    autocapitalize: "characters",
    autocorrect: "off",
    spellcheck: "false",
    enterkeyhint: "go",
    maxlength: "40",
    placeholder: "XXXX-XXXX-XXXX",
    "aria-describedby": "pair-problem",
    required: "",
  });
  const name = el("input", { id: "pair-name", name: "name", autocomplete: "off", maxlength: "40" });
  name.value = phoneName();
  return { code, name };
}

/** A second screen has no keyboard: what is to be done is done at the device. */
const HANDLESS = [
  ["pair.screen", "This screen is not paired"],
  ["pair.screen_how", "At the device: shinline pair --screen FILE, then start the screen again."],
];

function build(isRefused) {
  const { code, name } = fields();
  const problem = el("p", { id: "pair-problem", class: "problem", role: "alert" });
  const button = said("button", "pair.go", "Pair", { class: "button primary", type: "submit" });
  const form = el(
    "form",
    { novalidate: "" },
    said("label", "pair.code", "Code", { for: "pair-code" }),
    code,
    said("label", "pair.name", "Name of this phone", { for: "pair-name" }),
    name,
    problem,
    button,
  );
  const dialog = el(
    "dialog",
    { class: "pairing", "aria-labelledby": "pair-title" },
    said("h1", ...(isScreen ? HANDLESS[0] : ["pair.title", "Pair this phone"]), {
      id: "pair-title",
      tabindex: "-1",
    }),
    ...(isScreen ? [said("p", ...HANDLESS[1])] : ways(isRefused, form)),
  );
  return { dialog, form, code, name, button, problem };
}

/** What a person with a phone is told and may do. */
function ways(isRefused, form) {
  return [
    ...(isRefused
      ? [said("p", "pair.gone", "The device does not know this phone any more. Pair it again.", { class: "gone" })]
      : []),
    said("p", "pair.scan", "Scan the QR code with this phone's camera. It is on the device's screen, or on the sheet by the platform."),
    said("p", "pair.type", "Or type the code that stands below it:"),
    form,
    said("p", "pair.ask", "No code to be seen? Somebody at the device types: shinline pair", { class: "note" }),
    ...(isPrivate()
      ? []
      : [said("p", "pair.plain", "Not encrypted: others in this Wi-Fi can read along, and the page cannot be installed. At the device, shinline tls changes that.", { class: "note" })]),
  ];
}

const digitsOf = (typed) => typed.replaceAll(/[\s-]/g, "");

/**
 * Shows the screen until the phone is paired. `isRefused`: it was paired before; `problem`: why a
 * `code` that was scanned did not do.
 */
export async function showPairing({ isRefused, problem, code }) {
  const lang = document.documentElement.lang;
  const screen = build(isRefused);
  let trouble = problem;
  const tell = (news) => {
    trouble = news;
    const words = news ? say(`pair.problem_${news}`, PROBLEMS[news] ?? PROBLEMS.no_answer) : "";
    setText(screen.problem, words);
    screen.code.setAttribute("aria-invalid", String(["wrong_code", "not_a_code"].includes(news)));
  };
  const speak = () => {
    sayAll();
    tell(trouble);
  };
  await Promise.all([loadStyle(), loadWords(speak)]);
  screen.code.value = code;
  document.body.append(screen.dialog);
  screen.dialog.showModal();
  screen.dialog.querySelector("h1").focus();
  speak();
  await new Promise((done) => listen(screen, tell, done));
  forgetWords(speak);
  if (!hasWords()) document.documentElement.lang = lang;
}

function listen({ dialog, form, code, name, button }, tell, done) {
  async function attempt(typed) {
    const isCode = digitsOf(typed).length === DIGITS;
    button.disabled = true;
    tell("");
    const problem = isCode ? await pair(typed, name.value) : "not_a_code";
    button.disabled = false;
    tell(problem);
    if (problem) code.focus();
    else leave();
  }

  function leave() {
    window.removeEventListener("hashchange", onScanned);
    window.removeEventListener("storage", onElsewhere);
    dialog.remove();
    done();
  }

  function onScanned() {
    const scanned = takeScanned();
    if (scanned) attempt(scanned);
  }

  /** Another page of this browser was paired meanwhile. */
  function onElsewhere() {
    if (credential()) leave();
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(code.value);
  });
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  dialog.addEventListener("close", () => dialog.isConnected && dialog.showModal());
  window.addEventListener("hashchange", onScanned);
  window.addEventListener("storage", onElsewhere);
}
