// On each page with code, the button that brings Python. Until it is pressed, nothing more is fetched than this.
{
  const { src } = document.currentScript;
  const bar = document.querySelector(".live-bar"), button = bar.querySelector("button");
  let asks = navigator.connection?.saveData;
  if (location.protocol === "file:") {
    bar.textContent = "To run and change the code of this page, serve the folder of the site, as by python -m http.server: from disk a browser starts no Python.";
  } else if (navigator.deviceMemory < 1) {
    bar.textContent = "The code of this page can be run and changed where there is more memory: this device has too little for Python.";
  } else {
    button.disabled = false;
    button.addEventListener("click", async () => {
      if (asks) {
        asks = false;
        button.textContent = `Your browser saves data. Fetch ${button.dataset.megabytes} MB all the same`;
        return;
      }
      button.disabled = true;
      const page = await import(new URL("live/page.js", src)).catch(() => {
        bar.append(" Python could not be fetched: no network answers.");
        button.disabled = false;
      });
      page?.open(bar);
    });
  }
}
