// Before a page is printed: each lab and each film gets a line that says where it moves, and each film its still.
function stillFor(moving) {
  const place = location.protocol === "file:" ? `${DOCUMENTATION_OPTIONS.pagename}.html` : location.origin + location.pathname;
  const section = moving.closest("section[id]"), film = moving.querySelector("video[poster]");
  const kind = film ? "One moment of a film" : "One setting of a lab";
  moving.dataset.lives = `${kind}. It moves on the page ${place}${section ? `#${section.id}` : ""}`;
  if (!film || moving.querySelector(".still")) return;
  const still = new Image();
  Object.assign(still, { src: film.poster, className: "still", alt: film.getAttribute("aria-label") });
  film.after(still);
}

// Only now, so that this is heard after the labs have: they go back to their place in the text.
addEventListener("DOMContentLoaded", () => {
  addEventListener("beforeprint", () => document.querySelectorAll(".optimlab-here, .film").forEach(stillFor));
});
