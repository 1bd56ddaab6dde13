// What a phone keeps of the device's pages. The server puts NAME and KEPT before this text: the name
// of the store, another for every release, and the addresses that are kept.
//
// The device is asked first, so that an updated one is met as it is; its store answers when it is
// out of reach or too slow. What was measured (/api) is never kept: old numbers would pass for new.

const PATIENCE_MS = 2500;

const isOurs = ({ method, url }) => {
  const { origin, pathname } = new URL(url);
  const kept = !pathname.startsWith("/api/") && pathname !== "/healthz" && pathname !== "/sw.js";
  return method === "GET" && origin === self.location.origin && kept;
};

/** Every page of a kind is one file, which looks at its own address. */
function pageOf(pathname) {
  const first = `/${pathname.split("/")[1]}`;
  return KEPT.includes(first) ? first : pathname;
}

async function kept(request) {
  const store = await caches.open(NAME);
  const isPage = request.mode === "navigate";
  return store.match(isPage ? pageOf(new URL(request.url).pathname) : request, { ignoreSearch: true });
}

const patience = () => new Promise((_, reject) => setTimeout(reject, PATIENCE_MS));

async function answer(request) {
  const asked = fetch(request);
  try {
    return await Promise.race([asked, patience()]);
  } catch {
    return (await kept(request)) ?? asked;
  }
}

async function fill() {
  const store = await caches.open(NAME);
  await store.addAll(KEPT);
  await self.skipWaiting();
}

async function takeOver() {
  const old = (await caches.keys()).filter((name) => name !== NAME);
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.clients.claim();
}

self.addEventListener("install", (event) => event.waitUntil(fill()));
self.addEventListener("activate", (event) => event.waitUntil(takeOver()));
self.addEventListener("fetch", (event) => {
  if (isOurs(event.request)) event.respondWith(answer(event.request));
});
