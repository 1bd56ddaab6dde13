// Building nodes. Text only ever becomes a text node, so nothing that arrives can become markup.

import { authorization, credential, forget } from "./credential.js";

const SVG = "http://www.w3.org/2000/svg";

export const byId = (id) => document.getElementById(id);

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

/** Creates an HTML element; children are nodes or strings, strings stay text. */
export const el = (name, attributes = {}, ...children) =>
  fill(document.createElement(name), attributes, children);

/** Creates an SVG element. */
export const svg = (name, attributes = {}, ...children) =>
  fill(document.createElementNS(SVG, name), attributes, children);

/** Sets text only where it differs, so that a live region speaks once per change. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Waits until this phone is paired; the screen for it is loaded by those that need it. */
async function paired(isRefused) {
  const gate = await import("./pair-gate.js");
  await gate.paired(isRefused);
}

/** Fetches what only paired phones get; one that is not waits here until it is. */
async function fetchPrivate(path) {
  for (let isRefused = false; ; isRefused = true) {
    if (!credential()) await paired(isRefused);
    const used = credential();
    const response = await fetch(path, { headers: authorization(used), credentials: "omit" });
    if (response.status !== 401) return response;
    forget(used);
  }
}

/**
 * Fetches JSON; an answer that is not 2xx becomes an Error with the server's own words. What is
 * below /api/ comes only when this phone is paired.
 */
export async function getJson(path) {
  const response = await (path.startsWith("/api/") ? fetchPrivate(path) : fetch(path));
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(body.error ?? `the device answered ${response.status}`);
  return body;
}
