// What this browser keeps for the pages. Where it may keep nothing (blocked cookies, a full disk) the
// page has it for as long as it is open: storage that refuses is no reason to go without.

const refused = new Map(); // key -> what could not be kept; null for what could not be removed

/** Returns the text kept under a key, or null. */
export function recall(key) {
  if (refused.has(key)) return refused.get(key);
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** Keeps a text under a key; null forgets it. */
export function keep(key, text) {
  try {
    if (text === null) localStorage.removeItem(key);
    else localStorage.setItem(key, text);
    refused.delete(key);
  } catch {
    refused.set(key, text);
  }
}
