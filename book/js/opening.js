// The front page as it moves: it draws anew, at the page's own size, what stills.js drew when the book was built.
import { cards } from "./cards.js";
import { ends, inWords, lanes, outlook, paths, race, track, valley } from "./valley.js";
import { CARD, PART } from "./stills.js";
import { number } from "./numbers.js";

const SECONDS = 5; // that a race takes
const still = matchMedia("(prefers-reduced-motion: reduce)");

// Takes the place of the race on the page and what is told of it (book/front.py); makes it live.
export function open(place, about) {
  const find = (name) => place.querySelector(name);
  const stage = find(".valley"), grip = find(".grip"), play = find(".play"), rate = find(".rate [type=range]"), time = find(".time");
  const [ground, ink] = stage.querySelectorAll("svg"), strip = find(".lanes"), spoken = find(".said"), hint = find(".hint");
  const state = { ground: "bowl", start: about.grounds.bowl.start, times: 1, t: about.grounds.bowl.steps };
  const told = () => about.grounds[state.ground];
  let runners, on, taken, asked = 0, pause = 0, playing = 0, last;

  const look = () => { // the size, or the ground, is new
    const { width, height, left, top, bottom } = stage.getBoundingClientRect();
    const say = [...place.parentElement.querySelectorAll(":scope > h1, :scope > .say")].map((one) => one.getBoundingClientRect());
    const beside = say.some((one) => one.bottom > top + 20 && one.top < bottom - 20);
    taken = beside ? Math.max(...say.map((one) => one.right)) - left + 12 : 0;
    on = outlook(told(), { width, height }, taken);
    for (const picture of [ground, ink]) picture.setAttribute("viewBox", `0 0 ${width} ${height}`);
    ground.innerHTML = valley(told(), on);
    const { from, to } = track(strip.clientWidth);
    strip.setAttribute("viewBox", `0 0 ${strip.clientWidth} ${strip.clientHeight}`);
    Object.assign(time.style, { left: `${from}px`, width: `${to - from}px` });
    time.max = told().steps;
  };
  const draw = () => {
    asked = 0;
    ink.innerHTML = paths(told(), on, runners, state.t, taken);
    strip.innerHTML = lanes(runners, state.t, told().steps, { width: strip.clientWidth, height: strip.clientHeight });
    const x = on.x(state.start[0]), y = on.y(state.start[1]);
    grip.style.transform = `translate(${x}px, ${y}px)`;
    hint.style.transform = `translate(${Math.max(x, taken + 52)}px, ${y > on.height - 48 ? y - 56 : y}px)`;
  };
  const soon = () => { asked ||= requestAnimationFrame(draw); };
  const say = () => { // once the reader pauses
    clearTimeout(pause);
    pause = setTimeout(() => {
      const result = ends(runners);
      ink.setAttribute("aria-label", `Four paths down a valley. ${result}`);
      spoken.textContent = result;
    }, 600);
  };
  const run = () => {
    runners = race(about, state);
    const [W, b] = state.start, winner = runners.filter(({ arrived }) => arrived).sort((one, other) => one.arrived - other.arrived)[0];
    find("output").textContent = inWords(state.times);
    rate.setAttribute("aria-valuetext", `${inWords(state.times)}; ${winner ? `${winner.label} arrives first, ${winner.arrived} steps` : "none arrives"}`);
    grip.setAttribute("aria-label", `Start of all four: W ${number(W)}, b ${number(b)}`);
    soon();
    say();
  };
  const moment = (t) => {
    state.t = Math.min(Math.max(t, 0), told().steps);
    time.value = Math.floor(state.t);
    time.setAttribute("aria-valuetext", `step ${Math.floor(state.t)} of ${told().steps}`);
    soon();
  };

  const stop = () => {
    cancelAnimationFrame(playing);
    playing = 0;
    play.setAttribute("aria-label", "Play the race");
    play.classList.remove("playing");
  };
  const tick = (now) => {
    moment(state.t + (Math.min(64, now - last) / 1000) * (told().steps / SECONDS));
    last = now;
    if (state.t >= told().steps) stop();
    else playing = requestAnimationFrame(tick);
  };
  const go = () => {
    if (state.t >= told().steps) moment(0);
    last = performance.now();
    playing = requestAnimationFrame(tick);
    play.setAttribute("aria-label", "Pause the race");
    play.classList.add("playing");
  };
  play.addEventListener("click", () => (playing ? stop() : go()));

  const startAt = (W, b) => {
    const [[left, right], [low, high]] = told().view, within = (x, from, to) => Math.min(Math.max(x, from), to);
    state.start = [within(W, left, right), within(b, low, high)];
    hint.hidden = true;
    stop();
    if (state.t < told().steps / 4) moment(told().steps);
    run();
  };
  let held; // how far the pointer is from the middle of the grip
  const at = ({ clientX, clientY }) => {
    const { left, top } = stage.getBoundingClientRect();
    return [clientX - left, clientY - top];
  };
  stage.addEventListener("pointerdown", (event) => { // a finger moves the grip only, and scrolls elsewhere
    const onGrip = event.target === grip, [x, y] = at(event);
    if (event.button || (event.pointerType === "touch" && !onGrip)) return;
    held = onGrip ? [on.x(state.start[0]) - x, on.y(state.start[1]) - y] : [0, 0];
    stage.setPointerCapture(event.pointerId);
    if (!onGrip) startAt(...on.back(x, y));
    grip.focus({ preventScroll: true });
    event.preventDefault();
  });
  stage.addEventListener("pointermove", (event) => {
    if (held) startAt(...on.back(...at(event).map((pixel, k) => pixel + held[k])));
  });
  for (const end of ["pointerup", "pointercancel"]) stage.addEventListener(end, () => { held = undefined; });
  grip.addEventListener("keydown", (event) => {
    const [[left, right]] = told().view, by = ((event.shiftKey ? 5 : 1) * (right - left)) / 90, [W, b] = state.start;
    const to = { ArrowLeft: [W - by, b], ArrowRight: [W + by, b], ArrowUp: [W, b + by], ArrowDown: [W, b - by] }[event.key];
    if (!to) return;
    event.preventDefault();
    startAt(...to);
  });
  rate.addEventListener("input", () => {
    state.times = Number((10 ** rate.value).toPrecision(2));
    stop();
    if (state.t < told().steps / 4) moment(told().steps);
    run();
  });
  time.addEventListener("input", () => {
    stop();
    moment(Number(time.value));
  });
  for (const choice of place.querySelectorAll("[type=radio]")) {
    choice.addEventListener("change", () => {
      stop();
      state.ground = choice.value;
      state.start = told().start;
      look();
      run();
      moment(still.matches ? told().steps : 0);
      if (!still.matches) go();
    });
  }

  new ResizeObserver(() => {
    look();
    draw();
  }).observe(stage);
  addEventListener("beforeprint", () => {
    stop();
    moment(told().steps);
    draw();
  });
  runners = race(about, state);
  look();
  run();
  moment(state.t);
  if (still.matches) return;
  const once = new IntersectionObserver(([{ isIntersecting }]) => { // the one thing that moves by itself, and once
    if (!isIntersecting) return;
    once.disconnect();
    go();
  }, { threshold: 0.5 });
  once.observe(stage);
}

// Takes the cards of the page, each of which names its picture, and what is told; the pointer's way across one is time.
export function deal(hosts, about) {
  for (const host of hosts) {
    const { draw } = cards[host.dataset.card], ink = host.querySelector("g:last-of-type"), card = host.closest("li");
    let at = PART, to = PART, asked = 0;
    const glide = () => {
      at = Math.abs(to - at) < 0.005 || still.matches ? to : at + 0.25 * (to - at);
      ink.innerHTML = draw(about, CARD, at);
      asked = at === to ? 0 : requestAnimationFrame(glide);
    };
    const head = (part) => {
      to = part;
      asked ||= requestAnimationFrame(glide);
    };
    card.addEventListener("pointermove", ({ clientX }) => {
      const { left, width } = host.getBoundingClientRect();
      head(Math.min(Math.max((clientX - left) / width, 0.03), 1));
    });
    card.addEventListener("pointerleave", () => head(PART));
    card.addEventListener("focusin", () => { if (card.querySelector(":focus-visible")) head(1); });
    card.addEventListener("focusout", () => head(PART));
  }
}
