// Who waits for whom while a phone is not paired: everybody for one pairing.

import { credential, pair, takeOffered, takeScanned } from "./credential.js";
import { phoneName, showPairing } from "./pair-screen.js";

let waiting = null;

async function admit(isRefused) {
  if (takeOffered()) return;
  const code = takeScanned();
  const problem = code ? await pair(code, phoneName()) : "";
  if (!credential()) await showPairing({ isRefused, problem, code });
}

/** Resolves when this phone is paired, by the code it was opened with or by the person's hands. */
export function paired(isRefused = false) {
  waiting ??= admit(isRefused).finally(() => {
    waiting = null;
  });
  return waiting;
}
