// Keeps the empty form of a parcel, its style and its script for a device without network. Nothing that was
// typed passes through here into a store, and no page of anybody who is signed in.
"use strict";
const STORE = "serai-declare-1", FORM = "/declare";
const take = async () => {
  const store = await caches.open(STORE);
  const answer = await fetch(FORM, {credentials: "omit", cache: "reload"});
  if (!answer.ok) return;
  const text = await answer.clone().text();
  const own = [...text.matchAll(/(?:href|src)="(\/static\/[^"]+)"/g)].map((found) => found[1]);
  await store.addAll(own);
  await store.put(FORM, answer);
  for (const one of await store.keys()) {
    const path = new URL(one.url).pathname;
    if (path !== FORM && !own.includes(path)) await store.delete(one);
  }
};
self.addEventListener("install", (event) => { self.skipWaiting(); event.waitUntil(take()); });
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const path = new URL(event.request.url).pathname;
  if (event.request.mode === "navigate") {
    event.respondWith(fetch(event.request).catch(async () => (await caches.match(FORM)) || Response.error()));
  } else if (event.request.method === "GET" && path.startsWith("/static/")) {
    event.respondWith(caches.match(event.request).then((kept) => kept || fetch(event.request)));
  }
});
