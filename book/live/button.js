// On each page with code, the button that brings Python. Until it is pressed, nothing more is fetched than this.
{
  const { src, dataset } = document.currentScript;
  const bar = document.createElement("div");
  bar.className = "live-bar d-print-none mb-3";
  bar.style.fontFamily = "var(--ui)";
  document.querySelector("article h1")?.after(bar);
  if (location.protocol === "file:") {
    bar.textContent = "To run and change the code of this page, serve the folder of the site, as by python -m http.server: from disk a browser starts no Python.";
  } else {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-outline-primary";
    // Bootstrap's own blue is too dark for a dark page.
    button.style.cssText = "font-family: inherit; --bs-btn-color: var(--pst-color-link); --bs-btn-border-color: currentcolor";
    button.textContent = `Run and change the code on this page (${dataset.megabytes} MB, once)`;
    bar.append(button);
    button.addEventListener("click", async () => {
      button.disabled = true;
      try {
        (await import(new URL("live/page.js", src))).open(bar);
      } catch {
        bar.append(" Python could not be fetched: no network answers.");
        button.disabled = false;
      }
    });
  }
}
