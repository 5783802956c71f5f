// Loaded on every page, by address or from disk.

// A film plays while it is in view, unless the reader wants no motion, or has paused it.
const noMotion = matchMedia("(prefers-reduced-motion: reduce)");
const inView = new IntersectionObserver((films) => {
  for (const { target: film, isIntersecting } of films) {
    if (isIntersecting && !noMotion.matches) film.play().catch(() => {}); // the browser may refuse
    else if (!isIntersecting) film.pause();
  }
}, { threshold: 0.5 });

// Takes a film; puts its button and its slider below it, where what the dark does to the film leaves them alone.
function addBar(film) {
  const bar = document.createElement("div"), button = document.createElement("button"), slider = document.createElement("input");
  bar.className = "bar";
  button.type = "button";
  Object.assign(slider, { type: "range", min: 0, max: 1, step: "any", value: 0 });
  slider.setAttribute("aria-label", "Time in the film");
  const show = () => {
    button.textContent = film.paused ? "Play" : "Pause";
    slider.value = film.currentTime / film.duration || 0;
    slider.setAttribute("aria-valuetext", `${film.currentTime.toFixed(1)} seconds`);
  };
  for (const event of ["play", "pause", "timeupdate", "seeked"]) film.addEventListener(event, show);
  button.addEventListener("click", () => (film.paused ? film.play() : film.pause()));
  slider.addEventListener("input", () => {
    film.pause();
    film.currentTime = slider.value * film.duration || 0;
  });
  bar.append(button, slider);
  film.after(bar);
  film.controls = false;
  bar.addEventListener("pointerdown", () => inView.unobserve(film)); // from here on it is the reader's
  bar.addEventListener("keydown", () => inView.unobserve(film));
  show();
}

// In a wide window the menu button puts the sidebar away and brings it back; it stays so from page to page.
const wide = matchMedia("(min-width: 992px)");
const remembered = (kept) => {
  try { return kept === undefined ? sessionStorage.getItem("sidebar") : sessionStorage.setItem("sidebar", kept); } catch { return null; }
};
const { dataset } = document.documentElement;
// The theme says only when the page is there whether it is light or dark; by then all has been seen in no theme at all.
if (dataset.theme === "auto") dataset.theme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
if (remembered()) dataset.sidebar = remembered();
addEventListener("click", (event) => {
  if (!wide.matches || !event.target.closest?.(".primary-toggle")) return;
  event.preventDefault();
  event.stopImmediatePropagation(); // the theme would open it over the page
  dataset.sidebar = document.querySelector(".bd-sidebar-primary").checkVisibility() ? "away" : "here";
  remembered(dataset.sidebar);
}, true);

addEventListener("DOMContentLoaded", () => {
  for (const film of document.querySelectorAll(".film video")) {
    inView.observe(film);
    addBar(film);
    film.addEventListener("pointerdown", () => inView.unobserve(film));
  }
  // A solution is announced by the words it shows.
  for (const summary of document.querySelectorAll("details.hide > summary")) summary.removeAttribute("aria-label");
  // For screen readers: the sidebar's title lies in a landmark too, and a source is an item of its list.
  const sidebar = document.querySelector(".bd-sidebar-primary");
  sidebar?.setAttribute("role", "complementary");
  sidebar?.setAttribute("aria-label", "Book");
  for (const source of document.querySelectorAll(".citation-list > .citation")) source.setAttribute("role", "listitem");
  // Without this, some servers make the browser show a notebook's text in place of saving it.
  for (const link of document.querySelectorAll("a.btn-download-source-button")) {
    link.download = "";
    // From disk a browser shows a notebook all the same: there the button leads to the zip with all of them.
    if (location.protocol === "file:") link.href = `${document.documentElement.dataset.content_root}downloads/from-gradient-descent-to-adam.zip`;
  }
});

// Paper is white: a dark page is printed as a light one.
let onScreen;
addEventListener("beforeprint", () => {
  onScreen = document.documentElement.dataset.theme;
  document.documentElement.dataset.theme = "light";
});
addEventListener("afterprint", () => { document.documentElement.dataset.theme = onScreen; });
