// Tells before a session ends, and goes on with it. Without this a form that is sent too late comes back filled all the same.
"use strict";
(() => {
  const box = document.querySelector("[data-session]");
  if (!box) return;
  const SEEN = "serai-session", EARLY_MS = 5 * 60000, LAST_MS = 60000, status = box.querySelector("[data-session-status]");
  const text = box.querySelector("[data-session-until]"), button = box.querySelector("button");
  let until = Date.parse(box.dataset.session), before = null, isQuiet = false;
  // The clocks of this device and of the server may differ: what is left counts.
  const shift = Date.now() - Date.parse(box.dataset.now);
  const early = Math.min(EARLY_MS, (until + shift - Date.now()) / 2);
  const remember = () => { try { localStorage.setItem(SEEN, String(until + shift)); } catch { /* Not kept. */ } };
  const ends = () => {
    // Another page of this browser may have gone on with it.
    let other = 0;
    try { other = Number(localStorage.getItem(SEEN)) || 0; } catch { /* Not kept. */ }
    return Math.max(until + shift, other > Date.now() + 86400000 ? 0 : other);
  };
  const say = () => {
    const left = ends() - Date.now();
    if (left > early) {
      if (!box.hidden) hide();
      return;
    }
    text.textContent = new Date(ends()).toLocaleTimeString(document.documentElement.lang, {hour: "2-digit", minute: "2-digit"});
    if (left <= 0) { status.textContent = box.dataset.ended; button.hidden = true; }
    if (!box.hidden || (isQuiet && left > LAST_MS)) return;
    box.hidden = false;
    before = document.activeElement;
    // Nobody's typing is interrupted: it is read out, and stands beside the page.
    if (!before || !before.matches("input, select, textarea")) button.focus({preventScroll: true});
  };
  const hide = () => {
    const had = box.contains(document.activeElement);
    box.hidden = true;
    if (had && before && before.isConnected) before.focus({preventScroll: true});
  };
  button.addEventListener("click", async () => {
    try {
      const answer = await fetch("/session", {method: "POST", headers: {"x-form-token": box.dataset.token, accept: "application/json"}});
      if (!answer.ok) throw new Error(answer.status);
      const told = (await answer.json()).until, found = Date.parse(told);
      if (told === null) { status.textContent = box.dataset.ended; button.hidden = true; return; }
      if (found > until) { until = found; isQuiet = false; remember(); hide(); }
      else status.textContent = box.dataset.last;
    } catch { status.textContent = box.dataset.failed; }
  });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && !box.hidden) { isQuiet = true; hide(); } });
  remember();
  setInterval(say, 1000);
})();
