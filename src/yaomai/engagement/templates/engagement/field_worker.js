// Keeps the shell of the field app on the phone: it starts without a network. Data is none of its business.
const CACHE = "yaomai-field-{{ version }}";
const FILES = {{ urls|safe }};

self.addEventListener("install", (event) => {
  const keep = async () => {
    const cache = await caches.open(CACHE);
    await cache.addAll(FILES.map((url) => new Request(url, { cache: "reload" })));
    await self.skipWaiting();
  };
  event.waitUntil(keep());
});

self.addEventListener("activate", (event) => {
  const clean = async () => {
    const names = await caches.keys();
    // The caches of the last version stay for pages that are still open with it; older ones go.
    const old = names.filter((name) => name.startsWith("yaomai-field-") && name !== CACHE);
    await Promise.all(old.slice(0, -1).map((name) => caches.delete(name)));
    await self.clients.claim();
  };
  event.waitUntil(clean());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  const isShell = request.mode === "navigate" && url.pathname === "/field/";
  if (!isShell && !url.pathname.startsWith("/static/")) return;
  const answer = async () => (await caches.match(isShell ? "/field/" : request)) ?? fetch(request);
  event.respondWith(answer());
});
