// What a phone keeps of the device's pages. The server puts NAME and KEPT before this text: the name
// of the store, another for every release, and the addresses that are kept.
//
// The device is asked for the page first, so that an updated one is met as it is; where it is out of
// reach or too slow, the store has the page. All that a page loads then comes from where the page
// came from: of a device that says it is of this release the store holds the very same files, and
// files of two releases never meet. What was measured (/api) is never kept: old numbers would pass
// for new.

const PATIENCE_MS = 2500;
const MOST_CLIENTS = 32;

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

/** Looks into the store without opening it: to open one that a newer worker removed makes it anew. */
function kept(request) {
  const isPage = request.mode === "navigate";
  const wanted = isPage ? pageOf(new URL(request.url).pathname) : request;
  return caches.match(wanted, { cacheName: NAME, ignoreSearch: true });
}

const patience = () => new Promise((_, reject) => setTimeout(reject, PATIENCE_MS));

const origins = new Map(); // client id -> whether its page is the one in the store

function remember(client, isStored) {
  origins.set(client, isStored);
  if (origins.size > MOST_CLIENTS) origins.delete(origins.keys().next().value);
}

async function openPage(request, client) {
  const asked = fetch(request);
  try {
    const page = await Promise.race([asked, patience()]);
    remember(client, page.headers.get("Shinline-Pages") === NAME);
    return page;
  } catch {
    const page = await kept(request);
    remember(client, page !== undefined);
    return page ?? asked;
  }
}

/** A worker that was started anew does not know whose page it was: then the device comes first. */
async function loadFor(client, request) {
  const isStored = origins.get(client);
  if (isStored === false) return fetch(request);
  if (isStored) return (await kept(request)) ?? fetch(request);
  return fetch(request).catch(async (problem) => (await kept(request)) ?? Promise.reject(problem));
}

function answer({ request, clientId, resultingClientId }) {
  return request.mode === "navigate"
    ? openPage(request, resultingClientId)
    : loadFor(clientId, request);
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
  if (isOurs(event.request)) event.respondWith(answer(event));
});
