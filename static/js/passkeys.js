// Passkeys: fetches the options of a form marked `data-passkey`, lets the browser create or use a passkey, sends what it returns.

const supported = "credentials" in navigator && "PublicKeyCredential" in window;

function toBytes(text) {
  const binary = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

function toText(buffer) {
  const binary = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(binary).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

function readOptions({ publicKey }) {
  const withId = (credential) => ({ ...credential, id: toBytes(credential.id) });
  const options = { ...publicKey, challenge: toBytes(publicKey.challenge) };
  if (options.user) options.user = withId(options.user);
  for (const name of ["allowCredentials", "excludeCredentials"]) {
    if (options[name]) options[name] = options[name].map(withId);
  }
  return options;
}

function writeCredential(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = toText(credential.response[name]);
  }
  if (credential.response.getTransports) response.transports = credential.response.getTransports();
  return JSON.stringify({
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    clientExtensionResults: credential.getClientExtensionResults(),
    response,
  });
}

async function fetchOptions(form) {
  const body = new FormData();
  body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  const response = await fetch(form.dataset.options, { method: "POST", body, redirect: "manual" });
  if (!response.ok) throw new Error("no options");
  return readOptions(await response.json());
}

async function usePasskey(form) {
  const publicKey = await fetchOptions(form);
  const credential = form.dataset.passkey === "create"
    ? await navigator.credentials.create({ publicKey })
    : await navigator.credentials.get({ publicKey });
  form.elements.credential.value = writeCredential(credential);
  form.submit();
}

function reportFailure(form) {
  const notice = form.querySelector("[data-passkey-error]");
  notice.hidden = false;
  form.querySelector("button").disabled = false;
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-passkey]");
  if (!form) return;
  event.preventDefault();
  form.querySelector("[data-passkey-error]").hidden = true;
  form.querySelector("button").disabled = true;
  usePasskey(form).catch(() => reportFailure(form));
});

for (const form of document.querySelectorAll("form[data-passkey]")) {
  form.hidden = !supported;
  const note = form.parentElement.querySelector("[data-passkey-note]");
  if (note) note.hidden = supported;
}
