// Lets the page open without the device: a service worker keeps its files. Only a secure context may
// have one; everywhere else the page works as long as the device does.

const WORKER = "/sw.js";

/** The one address from which the page may run code beside its own files. */
function policy() {
  const rules = { createScriptURL: (url) => (url === WORKER ? url : null) };
  return window.trustedTypes?.createPolicy("offline", rules) ?? rules;
}

/** Registers the worker once the page has all it needs, for it fetches every file again. */
export function keepOffline() {
  if (!("serviceWorker" in navigator) || !window.isSecureContext) return;
  const url = policy().createScriptURL(WORKER);
  const register = () => navigator.serviceWorker.register(url).catch(() => {});
  if (document.readyState === "complete") register();
  else addEventListener("load", register);
}
