// Loaded on every page, by address or from disk.

// A film plays while it is in view, unless the reader wants no motion, or has paused it.
const noMotion = matchMedia("(prefers-reduced-motion: reduce)");
const inView = new IntersectionObserver((films) => {
  for (const { target: film, isIntersecting } of films) {
    if (isIntersecting && !noMotion.matches) film.play().catch(() => {}); // the browser may refuse
    else if (!isIntersecting) film.pause();
  }
}, { threshold: 0.5 });

addEventListener("DOMContentLoaded", () => {
  for (const film of document.querySelectorAll(".film video")) {
    inView.observe(film);
    film.addEventListener("pointerdown", () => inView.unobserve(film)); // from here on it is the reader's
    film.addEventListener("keydown", () => inView.unobserve(film));
  }
  // A solution is announced by the words it shows.
  for (const summary of document.querySelectorAll("details.hide > summary")) summary.removeAttribute("aria-label");
  // For screen readers: the sidebar's title lies in a landmark too, and a source is an item of its list.
  const sidebar = document.querySelector(".bd-sidebar-primary");
  sidebar?.setAttribute("role", "complementary");
  sidebar?.setAttribute("aria-label", "Book");
  for (const source of document.querySelectorAll(".citation-list > .citation")) source.setAttribute("role", "listitem");
  // Without this, some servers make the browser show a notebook's text in place of saving it.
  for (const link of document.querySelectorAll("a.btn-download-source-button")) link.download = "";
});

// Paper is white: a dark page is printed as a light one.
let onScreen;
addEventListener("beforeprint", () => {
  onScreen = document.documentElement.dataset.theme;
  document.documentElement.dataset.theme = "light";
});
addEventListener("afterprint", () => { document.documentElement.dataset.theme = onScreen; });

// From disk a page may not read another one, so there search shows titles without an excerpt.
if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
