// Keeps the book for reading without a network: the pages at once, films and notebooks when they are first asked for.
// EDITION, NEEDED and LEFT, the folders of which it keeps nothing, stand above (book/offline.py). Another edition has a cache
// of its own, and waits until it is asked for, so that no page is made of two.
const OURS = `${registration.scope} `, CACHE = OURS + EDITION; // other books may live on the same server

// Takes an open cache and an address; fetches that, keeps a copy, returns the answer.
async function take(cache, address) {
  const answer = await fetch(address, { cache: "no-cache" });
  // A page is not opened from an answer that was led on from elsewhere: what is kept is a plain one.
  const plain = new Response(answer.body, { status: answer.status, headers: { "Content-Type": answer.headers.get("Content-Type") ?? "" } });
  if (answer.ok) await cache.put(address, plain.clone());
  return plain;
}

async function takeAll() {
  const cache = await caches.open(CACHE);
  const answers = await Promise.all(NEEDED.map((name) => take(cache, new URL(name, registration.scope).href)));
  if (!answers.every((answer) => answer.ok)) throw new Error("The book is not whole on its server: nothing of it is kept.");
}

async function dropOthers() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(OURS) && name !== CACHE).map((name) => caches.delete(name)));
  await clients.claim();
}

// A player asks for a part of a film, and some play nothing if they get the whole.
async function partOf(answer, range) {
  const whole = await answer.blob(), [, first, last] = /bytes=(\d+)-(\d*)/.exec(range);
  const from = Number(first), to = Math.min(Number(last || whole.size), whole.size - 1);
  const headers = { "Content-Type": whole.type, "Content-Range": `bytes ${from}-${to}/${whole.size}` };
  return new Response(whole.slice(from, to + 1), { status: 206, headers });
}

async function answer(request) {
  const cache = await caches.open(CACHE);
  const address = request.url.replace(/[?#].*/, "").replace(/\/$/, "/index.html"); // behind ? stands a question to the search
  const found = (await cache.match(address)) ?? (await take(cache, address)), range = request.headers.get("Range");
  return range && found.ok ? partOf(found, range) : found;
}

addEventListener("install", (event) => event.waitUntil(takeAll()));
addEventListener("activate", (event) => event.waitUntil(dropOthers()));
addEventListener("message", ({ data }) => { if (data === "take over") skipWaiting(); });
addEventListener("fetch", (event) => {
  const { method, url } = event.request, { scope } = registration;
  // What is saved to disk needs no second copy, and Python is too heavy to be kept unasked.
  if (method === "GET" && url.startsWith(scope) && !LEFT.some((name) => url.startsWith(scope + name))) event.respondWith(answer(event.request));
});
