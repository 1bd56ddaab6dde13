// Building nodes. Text only ever becomes a text node, so nothing that arrives can become markup.

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

/** Fetches JSON; an answer that is not 2xx becomes an Error with the server's own words. */
export async function getJson(path) {
  const response = await fetch(path);
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(body.error ?? `the device answered ${response.status}`);
  return body;
}
