// The page that says how a phone comes to trust the device; the way on is where the device says.

import { byId, getJson, setText } from "./dom.js";
import { loadWords, sayAll } from "./said.js";

const RETRY_MS = 2000;

async function showWay() {
  const { tls_port, page, fingerprint } = await getJson("/way.json");
  const way = new URL(`/${page}`, location.href);
  way.protocol = "https:";
  way.port = tls_port;
  byId("onward").href = way.href;
  setText(byId("fingerprint"), fingerprint);
}

function begin() {
  showWay().catch(() => setTimeout(begin, RETRY_MS));
}

loadWords(sayAll);
begin();
