// Keeps the empty form of a parcel, its style and its script for a device without network. Nothing that was
// typed passes through here into a store, and no page of anybody who is signed in.
"use strict";
const STORE = "serai-declare-1", FORM = "/declare", WAITS_MS = [250, 750, 2000];
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
const kept = async () => (await caches.match(FORM)) || Response.error();
const later = (wait) => new Promise((done) => setTimeout(done, wait));
// A device says that it is back before its network carries anything. What is sent twice counts once: it has
// a reference of its own. Whoever could not send comes back to the form, which says so.
const send = async (request) => {
  for (const wait of WAITS_MS) {
    try { return await fetch(request.clone()); } catch { await later(wait); }
  }
  return fetch(request).catch(() => Response.redirect(`${FORM}#unsent`, 303));
};
const open = async (request) => fetch(request).catch(kept);
self.addEventListener("install", (event) => { self.skipWaiting(); event.waitUntil(take()); });
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const path = new URL(event.request.url).pathname;
  if (event.request.mode === "navigate") {
    event.respondWith(event.request.method === "POST" ? send(event.request) : open(event.request));
  } else if (event.request.method === "GET" && path.startsWith("/static/")) {
    event.respondWith(caches.match(event.request).then((found) => found || fetch(event.request)));
  }
});
