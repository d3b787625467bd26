// The draft of a parcel on this device, and going on without network. The page is whole without this.
"use strict";
(() => {
  const DRAFT = "serai-draft", PEOPLE = "serai-people", GOODS = "serai-goods", KEPT_DAYS = 14, KEPT_MAX = 20;
  const ITEM = /(what|sku|own_code|code|made|pieces|weight|price|goods)([_-])1(?!\d)/g;
  const OF_ITEM = ["what", "sku", "own_code", "made", "pieces", "weight", "price"];
  const read = (name) => { try { return JSON.parse(localStorage.getItem(name)); } catch { return null; } };
  const write = (name, value) => { try { localStorage.setItem(name, JSON.stringify(value)); } catch { /* Not kept. */ } };
  const remove = (name) => { try { localStorage.removeItem(name); } catch { /* Nothing was kept. */ } };
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // A form of the post is printed by the browser's own menu, and by this where there is a script.
  for (const one of all("[data-print]")) { one.hidden = false; one.addEventListener("click", () => window.print()); }

  // A telephone's picture has megabytes; what is kept has sides of 2,000 pixels, and so has what is sent.
  for (const one of all("input[data-shrink]")) one.addEventListener("change", async () => {
    const [file] = one.files;
    if (!file || !window.createImageBitmap || file.size < 400000) return;
    try {
      const seen = await createImageBitmap(file), part = Math.min(1, 2000 / Math.max(seen.width, seen.height));
      const canvas = document.createElement("canvas");
      canvas.width = Math.round(seen.width * part);
      canvas.height = Math.round(seen.height * part);
      canvas.getContext("2d").drawImage(seen, 0, 0, canvas.width, canvas.height);
      const small = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.8));
      if (!small || small.size >= file.size || one.files[0] !== file) return;
      const files = new DataTransfer();
      files.items.add(new File([small], "picture.jpg", {type: "image/jpeg"}));
      one.files = files.files;
    } catch { /* It is sent as it is. */ }
  });

  const keep = () => {
    // Kept only where the person asked for it, by role; the newest first.
    const draft = read(DRAFT), people = read(PEOPLE) || {};
    for (const role of (draft && draft.keep) || []) {
      const one = Object.fromEntries(draft.fields.filter(([name]) => name.startsWith(role + "_")));
      const others = (people[role] || []).filter((other) => other[role + "_name"] !== one[role + "_name"]);
      people[role] = [one, ...others].slice(0, KEPT_MAX);
    }
    write(PEOPLE, people);
    let goods = read(GOODS) || [];
    for (const number of (draft && draft.goods) || []) {
      const typed = Object.fromEntries(draft.fields), chosen = typed[`code_${number}`];
      const one = Object.fromEntries(OF_ITEM.map((name) => [name, typed[`${name}_${number}`] || ""]));
      // A code chosen among proposals is typed next time: the proposals may be others then.
      if (chosen && chosen !== "own") one.own_code = chosen;
      goods = [one, ...goods.filter((other) => other.what !== one.what || other.sku !== one.sku)].slice(0, KEPT_MAX);
    }
    write(GOODS, goods);
  };
  const sent = document.querySelector("[data-sent]");
  if (sent) {
    const draft = read(DRAFT);
    if (draft && draft.reference === sent.dataset.sent) { keep(); remove(DRAFT); }
    return;
  }
  const form = document.querySelector("form[data-declaration]");
  if (!form) return;
  const status = document.querySelector("[data-status]");
  const say = (text) => { status.textContent = text || ""; status.hidden = !text; if (text) status.scrollIntoView({block: "center"}); };
  const isChecked = "checked" in form.dataset;

  if ("serviceWorker" in navigator && window.isSecureContext) {
    navigator.serviceWorker.register("/declare/worker.js", {scope: "/declare"}).catch(() => {});
  }

  const fields = () => [...new FormData(form)].filter(([name]) => name !== "form_token" && name !== "key");
  const save = () => {
    const before = read(DRAFT) || {}, ticked = (name) => all(`[data-${name}]`).filter((one) => one.checked).map((one) => one.getAttribute(`data-${name}`));
    const kept = isChecked ? before.keep || [] : ticked("keep"), goods = isChecked ? before.goods || [] : ticked("keep-goods");
    write(DRAFT, {reference: form.elements.reference.value, at: Date.now(), fields: fields(), keep: kept, goods});
  };

  const offerGoods = (box) => {
    const known = read(GOODS) || [], list = box.querySelector("select"), number = box.dataset.savedGoods;
    box.hidden = !known.length;
    list.length = 1;
    known.forEach((one, place) => list.add(new Option(one.sku ? `${one.what} (${one.sku})` : one.what, place)));
    list.addEventListener("change", () => {
      for (const [name, value] of Object.entries(known[list.value] || {})) {
        const field = form.elements[`${name}_${number}`];
        if (field) field.value = value;
      }
      const own = document.querySelector(`[name=code_${number}][value=own]`);
      if (own) own.checked = true;
      save();
    });
    box.querySelector("[data-forget-goods]").addEventListener("click", () => { remove(GOODS); for (const one of all("[data-saved-goods]")) one.hidden = true; });
  };
  const addItem = (number) => {
    const last = all("[data-item]").pop();
    for (const screen of all('[data-item="1"]')) {
      const holder = document.createElement("div");
      holder.innerHTML = screen.outerHTML.replace(ITEM, `$1$2${number}`);
      const copy = holder.firstElementChild;
      copy.dataset.item = number;
      copy.classList.remove("screen--open");
      for (const one of all("[data-proposals]", copy)) one.textContent = "";
      for (const one of all("[name=currency]", copy)) one.closest(".govuk-form-group").remove();
      for (const one of all("[data-propose]", copy)) one.dataset.propose = number;
      for (const one of all("input:not([type=checkbox])", copy)) one.value = one.name.startsWith("pieces") ? "1" : "";
      for (const one of all("[data-keep-goods]", copy)) { one.dataset.keepGoods = number; one.removeAttribute("checked"); }
      for (const one of all("[data-saved-goods]", copy)) { one.dataset.savedGoods = number; offerGoods(one); }
      for (const one of all("option[selected]", copy)) one.removeAttribute("selected");
      last.parentNode.insertBefore(copy, document.getElementById("more"));
    }
  };
  const fill = (draft) => {
    for (const [name, value] of draft.fields) {
      const number = Number((/^what_(\d+)$/.exec(name) || [])[1]);
      if (number > 1 && !form.elements[name]) addItem(number);
      const field = form.elements[name];
      if (!field) {
        // A code chosen among proposals that are not there yet.
        const own = form.elements[`own_${name}`];
        if (own && value && value !== "own") own.value = own.value || value;
      } else if (field instanceof RadioNodeList) field.value = value;
      else if (field.type === "radio") field.checked = field.value === value;
      else if (value || !field.value) field.value = value;
    }
    for (const one of all("[data-keep]")) one.checked = (draft.keep || []).includes(one.dataset.keep);
    for (const one of all("[data-keep-goods]")) one.checked = (draft.goods || []).includes(one.dataset.keepGoods);
  };

  if (isChecked) save();
  else {
    for (const one of all("[data-keep-line]")) one.hidden = false;
    const draft = read(DRAFT);
    const isYoung = draft && Date.now() - draft.at < KEPT_DAYS * 86400000;
    const remover = document.querySelector("[data-delete]");
    if ("fresh" in form.dataset) {
      if (isYoung && draft.fields.some(([name, value]) => name.startsWith("what_") && value)) {
        fill(draft);
        const isUnsent = location.hash === "#unsent";
        if (isUnsent) location.hash = "way";
        say(isUnsent ? status.dataset.unsent : status.dataset.draft);
      } else {
        remove(DRAFT);
        // A page that was kept for times without network must not give two parcels one reference.
        form.elements.reference.value = `web-${[...crypto.getRandomValues(new Uint8Array(10))].map((one) => one.toString(16).padStart(2, "0")).join("")}`;
      }
    } else save();
    remover.hidden = false;
    remover.addEventListener("click", () => { remove(DRAFT); location.href = "/declare"; });
    form.addEventListener("input", save);
    for (const box of all("[data-saved-goods]")) offerGoods(box);
    const people = read(PEOPLE) || {};
    for (const box of all("[data-saved]")) {
      const role = box.dataset.saved, known = people[role] || [], list = box.querySelector("select");
      if (!known.length) continue;
      box.hidden = false;
      known.forEach((one, place) => list.add(new Option(`${one[role + "_name"]}, ${one[role + "_city"]}`, place)));
      list.addEventListener("change", () => {
        for (const [name, value] of Object.entries(known[list.value] || {})) form.elements[name].value = value;
        save();
      });
      box.querySelector("[data-forget]").addEventListener("click", () => { delete people[role]; write(PEOPLE, people); box.hidden = true; });
    }
  }

  const isSound = (screen) => {
    for (const one of all("input, select", screen)) if (!one.checkValidity()) { one.reportValidity(); return false; }
    return true;
  };
  const show = (id) => {
    if (location.hash === "#" + id) return;
    location.hash = id;
    const screen = document.getElementById(id);
    if (screen) { screen.focus({preventScroll: true}); window.scrollTo(0, 0); }
  };
  const propose = async (number) => {
    const holder = document.querySelector(`#code-${number} [data-proposals]`);
    try {
      const body = new URLSearchParams(fields());
      body.append("at", `code-${number}`);
      const answer = await fetch("/declare", {method: "POST", body, headers: {accept: "text/html"}});
      if (!answer.ok) throw new Error(answer.status);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      holder.innerHTML = page.querySelector(`#code-${number} [data-proposals]`).innerHTML;
      say("");
    } catch { say(status.dataset.codes); }
    save();
    show(`code-${number}`);
  };
  document.addEventListener("click", (event) => {
    const next = event.target.closest("[data-next]"), proposer = event.target.closest("[data-propose]");
    const adder = event.target.closest("button[name=add]");
    if (next) {
      event.preventDefault();
      if (isSound(next.closest(".screen"))) show(next.hash.slice(1));
    } else if (proposer) {
      event.preventDefault();
      if (isSound(proposer.closest(".screen"))) propose(Number(proposer.dataset.propose));
    } else if (adder && !navigator.onLine) {
      event.preventDefault();
      const number = all("[data-item]").map((one) => Number(one.dataset.item)).reduce((a, b) => Math.max(a, b)) + 1;
      addItem(number);
      save();
      show(`what-${number}`);
    }
  });
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || isChecked || !event.target.matches("input, select")) return;
    const screen = event.target.closest(".screen");
    const on = screen && screen.querySelector("[data-next], [data-propose], button[type=submit]");
    if (on) { event.preventDefault(); on.click(); }
  });
  form.addEventListener("submit", (event) => {
    save();
    if (navigator.onLine) return;
    event.preventDefault();
    say(status.dataset.offline);
    const button = event.submitter;
    window.addEventListener("online", () => { say(""); form.requestSubmit(button); }, {once: true});
  });
})();
