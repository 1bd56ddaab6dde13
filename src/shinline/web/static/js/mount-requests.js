// Questions to the device, and their answers: request/<verb> -> response/<verb>.

import { say } from "./said.js";

const ANSWER_MS = 3000;

const noAnswer = () => say("mount.no_answer", "The device did not answer. Try again.");

/** Names this page among others; crypto.randomUUID is not there on a page without TLS. */
function randomName() {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Takes `publish(name, fields)`, which is false when there is no line.
 *
 * `ask(verb, fields)` resolves to { status, error, data } with a status of ok, error or silent;
 * `take(topic, answer)` hands an answer in, and tells whose it is, because all phones hear the
 * answers to all: `ours`, `late` where nobody here waits for it any more, or `theirs`. `answer_ms`
 * is how long to wait for one.
 */
export function createRequests(publish, answer_ms = ANSWER_MS) {
  const waiting = new Map();
  const page = randomName();
  let asked = 0;

  function ask(verb, fields) {
    asked += 1;
    const transaction = `${page}-${asked}`;
    return new Promise((resolve) => {
      const silent = () => settle(transaction, { status: "silent", error: noAnswer(), data: {} });
      const timer = setTimeout(silent, answer_ms);
      waiting.set(transaction, { topic: `response/${verb}`, resolve, timer });
      if (!publish(`request/${verb}`, { ...fields, transaction })) silent();
    });
  }

  function settle(transaction, answer) {
    const { resolve, timer } = waiting.get(transaction);
    clearTimeout(timer);
    waiting.delete(transaction);
    resolve(answer);
  }

  function take(topic, { status, error, data, transaction }) {
    if (waiting.get(transaction)?.topic !== topic) {
      return String(transaction).startsWith(`${page}-`) ? "late" : "theirs";
    }
    const reason = error || (status === "error" ? say("mount.refused", "The device refused.") : "");
    settle(transaction, { status, error: reason, data: data ?? {} });
    return "ours";
  }

  return { ask, take };
}
