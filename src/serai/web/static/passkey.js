// Asks the browser for a passkey: to sign in, as the second factor, or to register one. Without it there are passwords and codes.
"use strict";
(() => {
  if (!window.PublicKeyCredential || !navigator.credentials) return;
  const bytes = (text) =>
    Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
  const text = (buffer) =>
    buffer && btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  const decode = (options) => {
    options.challenge = bytes(options.challenge);
    if (options.user) options.user.id = bytes(options.user.id);
    for (const list of [options.allowCredentials, options.excludeCredentials])
      for (const one of list || []) one.id = bytes(one.id);
    return options;
  };
  const encode = (made) => {
    const response = {clientDataJSON: text(made.response.clientDataJSON)};
    for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"])
      if (made.response[name]) response[name] = text(made.response[name]);
    return JSON.stringify({
      id: made.id, rawId: text(made.rawId), type: made.type, response,
      authenticatorAttachment: made.authenticatorAttachment, clientExtensionResults: {},
    });
  };
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
      if (form.elements.answer.value) return;
      event.preventDefault();
      const said = form.querySelector("[role=status]");
      said.textContent = "";
      try {
        const answer = await fetch(form.dataset.passkey, {
          method: "POST", body: new URLSearchParams(new FormData(form)), headers: {accept: "application/json"},
        });
        const options = await answer.json();
        if (!answer.ok) { said.textContent = options.detail || form.dataset.failed; return; }
        const publicKey = decode(options.publicKey);
        const isNew = form.dataset.passkeyAct === "register";
        const made = await navigator.credentials[isNew ? "create" : "get"]({publicKey});
        form.elements.answer.value = encode(made);
        form.submit();
      } catch { said.textContent = form.dataset.failed; }
    });
  }
})();
