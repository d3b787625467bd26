// Keys and living counts of the officers' lists. Each page is whole without this; nothing here acts on a case.
"use strict";
(() => {
  const poll = document.querySelector("[data-poll]");
  if (poll) {
    const look = async () => {
      if (document.visibilityState !== "visible") return;
      try {
        const answer = await fetch(poll.dataset.poll, {headers: {accept: "text/html"}, redirect: "error"});
        if (!answer.ok) return clearInterval(timer);
        const text = await answer.text();
        if (poll.innerHTML !== text) poll.innerHTML = text;
      } catch { /* Asked again in a while. */ }
    };
    const timer = setInterval(look, Number(poll.dataset.pollSeconds) * 1000);
  }

  const keys = document.querySelector("[data-keys]");
  const toggle = document.querySelector("[data-keys-toggle]");
  if (!keys || !toggle) return;
  let on = true;
  try { on = localStorage.getItem("serai-keys") !== "off"; } catch { /* Not kept. */ }
  const say = () => {
    toggle.textContent = on ? toggle.dataset.off : toggle.dataset.on;
    toggle.setAttribute("aria-pressed", String(on));
  };
  toggle.hidden = false;
  say();
  toggle.addEventListener("click", () => {
    on = !on;
    try { localStorage.setItem("serai-keys", on ? "on" : "off"); } catch { /* Not kept. */ }
    say();
  });
  const links = [...keys.querySelectorAll("tbody tr a[data-row]")];
  document.addEventListener("keydown", (event) => {
    if (!on || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target.closest("input:not([type=checkbox]), select, textarea")) return;
    const here = links.findIndex((link) => link.closest("tr").contains(document.activeElement));
    if (event.key === "j" || event.key === "k") {
      const next = here < 0 ? 0 : here + (event.key === "j" ? 1 : -1);
      if (links[next]) links[next].focus();
    } else if (event.key === "x" && here >= 0) {
      const box = links[here].closest("tr").querySelector("input[type=checkbox]");
      if (box) box.checked = !box.checked;
    } else if (event.key === "o" && here >= 0) {
      links[here].click();
    } else return;
    event.preventDefault();
  });
})();
