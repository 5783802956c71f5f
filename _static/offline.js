// Loaded on every page. On a server, the browser keeps the book for reading without a network (book/worker.js); the foot of
// the page says so, and has one button that forgets everything. From disk there is nothing to keep.
const REFUSED = "offline refused"; // the one word that stays, when a reader wants nothing kept
const OWN = ["mode", "theme"]; // what else the pages remember, in the storage that all books on a server share

// Takes a line, words and a button's; shows both, and does what the button is for.
function say(line, words, label, act) {
  line.querySelector("[role=status]").textContent = words;
  Object.assign(line.querySelector("button"), { textContent: label, onclick: act });
  line.hidden = false;
}

async function forget(registration) {
  const editions = await caches.keys();
  await Promise.all(editions.filter((name) => name.startsWith(`${registration.scope} `)).map((name) => caches.delete(name)));
  await registration.unregister();
  const changed = `changed ${new URL(registration.scope).pathname}`; // code (book/live/js/kept.js), and of this book only
  const names = Object.keys(localStorage).filter((name) => OWN.includes(name) || name.startsWith(changed));
  names.forEach((name) => localStorage.removeItem(name));
  sessionStorage.clear();
  localStorage.setItem(REFUSED, "yes");
}

function offerNewer(worker) {
  if (document.querySelector(".newer")) return;
  const line = document.querySelector(".offline").cloneNode(true);
  line.className = "newer";
  document.body.append(line);
  say(line, "There is a newer edition of this book.", "Read it", () => {
    navigator.serviceWorker.addEventListener("controllerchange", () => location.reload());
    worker.postMessage("take over");
  });
}

async function keep(line) {
  localStorage.removeItem(REFUSED);
  await navigator.serviceWorker.register(`${document.documentElement.dataset.content_root}worker.js`);
  const registration = await navigator.serviceWorker.ready;
  say(line, "Your browser keeps this book, to be read without a network, and what you change in its code.", "Forget everything", async () => {
    await forget(registration);
    refuse(line);
  });
  const look = () => {
    if (registration.waiting) offerNewer(registration.waiting);
    registration.installing?.addEventListener("statechange", look);
  };
  registration.addEventListener("updatefound", look);
  look();
}

const refuse = (line) => say(line, "Your browser keeps nothing of this book.", "Keep it for reading without a network", () => keep(line));

addEventListener("load", async () => { // the page comes first
  const line = document.querySelector(".offline");
  if (!line || !navigator.serviceWorker || !location.protocol.startsWith("http")) return;
  try {
    if (localStorage.getItem(REFUSED)) refuse(line);
    else await keep(line);
  } catch { /* a private window may refuse */ }
});
