// Where a reader is on a page, and the address of a place.

// The theme's own marking in the contents at the side knows only what crosses a band of the window, and so marks no
// section, or the one before. Here it is the last heading above the upper third, or the one that a link just led to.
function markSections() {
  delete document.body.dataset.bsSpy;
  const links = [...document.querySelectorAll(".bd-toc-nav a.nav-link")];
  const targets = links.map((link) => document.getElementById(decodeURIComponent(link.hash.slice(1))));
  let led, asked = 0;
  const mark = () => {
    asked = 0;
    const above = targets.findLastIndex((target) => target?.getBoundingClientRect().top < innerHeight / 3);
    const top = led?.getBoundingClientRect().top;
    const current = top >= -1 && top < innerHeight ? targets.indexOf(led) : above;
    links.forEach((link, i) => {
      link.classList.toggle("active", i === current);
      if (i === current) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    });
  };
  const soon = () => { asked ||= requestAnimationFrame(mark); };
  const arrive = () => {
    led = document.getElementById(decodeURIComponent(location.hash.slice(1)))?.closest("section[id]");
    while (led && !targets.includes(led)) led = led.parentElement?.closest("section[id]");
    soon();
  };
  for (const sign of ["wheel", "touchmove", "keydown"]) addEventListener(sign, () => { led = undefined; }, { passive: true });
  addEventListener("scroll", soon, { passive: true });
  addEventListener("resize", soon);
  addEventListener("hashchange", arrive);
  arrive();
}

addEventListener("DOMContentLoaded", () => {
  if (document.querySelector(".bd-toc-nav")) markSections();
  // The # beside a heading, an equation, a figure, a lab or an exercise also puts its address on the clipboard.
  addEventListener("click", async (event) => {
    const link = event.target.closest?.("a.headerlink");
    if (!link) return;
    try { await navigator.clipboard.writeText(link.href); } catch { return; } // it may be forbidden; the address bar has it
    link.title = "The link is copied";
  });
});
