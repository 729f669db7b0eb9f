// What script adds to pages that work without it: menus that close, acts in a dialog, copying, filters that apply.

const root = document.documentElement;
root.classList.add("js");

const dialog = document.getElementById("dialog");
const slot = dialog?.querySelector("[data-dialog-slot]");
let opener = null;
let opening = 0;
// Whether something was done that the page below does not show yet.
let changed = false;

function announce(text) {
  // Outside an open modal dialog nothing is announced, so the dialog has a region of its own.
  const region = (dialog?.open ? dialog : document).querySelector(dialog?.open ? "[data-announce]" : "body > [data-announce]");
  if (!region) return;
  region.textContent = "";
  setTimeout(() => { region.textContent = text; }, 60);
}

// --- Menus: <details class="menu"> opens by itself; Esc, an outside click and the arrow keys are ours.

function closeMenus(except = null) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (menu !== except) menu.open = false;
  }
}

function moveInMenu(event, menu) {
  const items = [...menu.querySelectorAll(".menu-items :is(a, button, input)")].filter((item) => item.checkVisibility());
  if (!items.length || event.target.matches("input")) return;
  event.preventDefault();
  menu.open = true;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const at = items.indexOf(document.activeElement);
  const next = event.key === "Home" ? 0 : event.key === "End" ? -1 : at < 0 ? (step > 0 ? 0 : -1) : (at + step) % items.length;
  items.at(next)?.focus();
}

document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));

document.addEventListener("focusin", (event) => {
  const open = document.querySelector("details.menu[open]");
  if (open && !open.contains(event.target)) closeMenus();
});

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("details.menu");
  if (event.key === "Escape" && menu?.open) {
    event.preventDefault();
    menu.open = false;
    menu.querySelector("summary").focus();
  } else if (menu && ["ArrowDown", "ArrowUp", "Home", "End"].includes(event.key)) {
    const onSummary = event.target.matches("summary");
    if (onSummary && !event.key.startsWith("Arrow")) return;
    if (onSummary) menu.open = true;
    moveInMenu(event, menu);
  }
});

// --- A field with a key of its own, such as the desk's search.

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, [contenteditable]")) return;
  const field = document.querySelector(`[data-shortcut="${CSS.escape(event.key)}"]`);
  if (!field) return;
  event.preventDefault();
  field.focus();
});

// --- Acts in the dialog: the act's own page is fetched and its [data-dialog-body] shown.

// The page below may have fields with the same ids, so the dialog's get a prefix.
function prefixIds(body) {
  for (const element of body.querySelectorAll("[id]")) element.id = `dialog-${element.id}`;
  for (const name of ["for", "aria-describedby", "aria-labelledby"]) {
    for (const element of body.querySelectorAll(`[${name}]`)) {
      const ids = element.getAttribute(name).split(/\s+/).filter(Boolean);
      element.setAttribute(name, ids.map((id) => `dialog-${id}`).join(" "));
    }
  }
  for (const element of body.querySelectorAll("[data-copy-target^='#']")) {
    element.dataset.copyTarget = element.dataset.copyTarget.replace("#", "#dialog-");
  }
  body.removeAttribute("aria-labelledby");
}

function takeBody(html, address) {
  const body = new DOMParser().parseFromString(html, "text/html").querySelector("[data-dialog-body]");
  if (!body) return null;
  prefixIds(body);
  // On the act's page an empty action means that page; here it would mean the page below.
  for (const form of body.querySelectorAll("form:not([action])")) form.setAttribute("action", address);
  return document.adoptNode(body);
}

function show(body) {
  slot.replaceChildren(body);
  stored = false;
  changed ||= body.querySelector("[data-changed]") !== null;
  revealCopyButtons(slot);
  if (!dialog.open) dialog.showModal();
  const wrong = body.querySelector("[aria-invalid='true']");
  let first = wrong ?? body.querySelector("[autofocus]") ?? body.querySelector("input:not([type='hidden']), select, textarea, [data-dialog-close], button");
  // Enter on a box or a radio button sends the form: whoever pressed it once too often would have done what is asked about.
  if (first !== wrong && first?.matches("[type='checkbox'], [type='radio']")) {
    first = body.querySelector("h1");
    first.tabIndex = -1;
  }
  first?.focus();
  if (first?.matches("input[readonly], textarea[readonly]")) first.select();
}

async function openDialog(link) {
  const turn = ++opening;
  // A link inside the dialog leads on in it; what opened the first one gets the focus back in the end.
  if (!dialog.contains(link)) opener = link.closest("details.menu")?.querySelector("summary") ?? link;
  try {
    const response = await fetch(link.href, { headers: { Accept: "text/html" } });
    const body = response.ok ? takeBody(await response.text(), link.href) : null;
    if (turn !== opening) return;
    if (!body) return void location.assign(link.href);
    closeMenus();
    if (!dialog.open) opener.focus();
    show(body);
  } catch {
    location.assign(link.href);
  }
}

function follow(address) {
  const target = new URL(address, location.href);
  if (target.origin !== location.origin) throw new Error("The answer leads to another site.");
  if (target.pathname + target.search === location.pathname + location.search) location.reload();
  else location.assign(target);
}

async function submitInDialog(form, submitter) {
  const address = form.action;
  // Before its buttons are disabled, as a disabled one would not send its value.
  const data = new FormData(form, submitter);
  setBusy(form, true);
  try {
    const response = await fetch(address, { method: "POST", body: data, headers: { "X-Dialog": "1", Accept: "text/html" } });
    const next = response.headers.get("X-Location");
    if (response.status === 204 && next) return void follow(next);
    const body = response.status === 204 ? null : takeBody(await response.text(), address);
    if (!body) throw new Error("The answer is no dialog.");
    if (dialog.open) show(body);
  } catch {
    // A plain submit shows whatever the server has to say, or the browser's own page about the network.
    if (form.isConnected) form.submit();
  }
}

// What is shown once is not lost by Escape, a press beside it, or a step back: the first attempt asks.
let stored = false;

function askBeforeClosing() {
  const question = slot.querySelector("[data-ask]");
  if (!question?.hidden) return false;
  question.hidden = false;
  question.scrollIntoView({ block: "nearest" });
  question.querySelector("button").focus();
  return true;
}

dialog?.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !slot.querySelector("[data-ask]")) return;
  if (event.repeat || askBeforeClosing()) event.preventDefault();
});

dialog?.addEventListener("cancel", (event) => {
  if (event.target === dialog && askBeforeClosing()) event.preventDefault();
});

addEventListener("beforeunload", (event) => {
  if (!stored && document.querySelector("[data-ask]")) event.preventDefault();
});

dialog?.addEventListener("close", () => {
  stored = true;
  if (changed) return void location.reload();
  slot.replaceChildren();
  if (opener?.isConnected) opener.focus();
  opener = null;
});

// A press that begins and ends on the backdrop closes; one that only ends there (selecting text) does not.
let pressedBackdrop = false;
dialog?.addEventListener("pointerdown", (event) => { pressedBackdrop = event.target === dialog; });
dialog?.addEventListener("click", (event) => {
  if (event.target !== dialog || !pressedBackdrop) return;
  if (slot.querySelector("[data-once]")) askBeforeClosing();
  else dialog.close();
});

document.addEventListener("click", (event) => {
  const plain = !event.defaultPrevented && event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
  if (!plain) return;
  const stay = event.target.closest("[data-stay]");
  if (stay) {
    stay.closest("[data-ask]").hidden = true;
    return slot.querySelector("[data-once] textarea")?.select();
  }
  const close = event.target.closest("[data-dialog-close]");
  if (close) stored = true;
  if (close && dialog?.contains(close)) {
    event.preventDefault();
    // What was just created stands marked in the list that the link names.
    if (close.matches("[data-follow]")) return void follow(close.href);
    dialog.close();
    return;
  }
  const link = event.target.closest("a[data-dialog]");
  if (link && dialog && link.origin === location.origin) {
    event.preventDefault();
    openDialog(link);
  }
});

// --- Links that lead away from a form take what was entered along, so that it can be filled in again.

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-carry]");
  const form = link?.closest("form");
  if (!form) return;
  const address = new URL(link.href);
  for (const [name, value] of new FormData(form)) {
    if (["email", "role", "end_date"].includes(name) && value) address.searchParams.set(name, value);
  }
  if (!address.searchParams.get("email")) address.search = "";
  link.href = address.href;
}, true);

// --- Forms: no second submit while the first is on its way.

function setBusy(form, busy) {
  form.toggleAttribute("data-busy", busy);
  for (const button of form.querySelectorAll("button:not([type='button'])")) {
    button.disabled = busy;
    button.toggleAttribute("aria-busy", false);
    if (busy) button.setAttribute("aria-busy", "true");
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.hasAttribute("data-busy")) return event.preventDefault();
  if (form.method !== "post") return;
  if (form.matches("[data-copy-answer]")) {
    event.preventDefault();
    copyAnswer(form);
    return;
  }
  if (dialog?.contains(form)) {
    event.preventDefault();
    submitInDialog(form, event.submitter);
    return;
  }
  // After the browser has read the form: a disabled button would not send its value.
  form.setAttribute("data-busy", "");
  setTimeout(() => { if (!event.defaultPrevented) setBusy(form, true); });
});

// A page taken back from the browser's memory would otherwise keep its buttons disabled.
addEventListener("pageshow", (event) => {
  if (event.persisted) for (const form of document.querySelectorAll("form[data-busy]")) setBusy(form, false);
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-autosubmit]")) event.target.form.requestSubmit();
});

// --- Lists with boxes: one for all of the page, and buttons that say how many are chosen.

function countChosen(form) {
  const boxes = [...form.querySelectorAll("tbody input[type='checkbox']")];
  const number = boxes.filter((box) => box.checked).length;
  const all = form.querySelector("[data-choose-all]");
  all.checked = number > 0 && number === boxes.length;
  all.indeterminate = number > 0 && !all.checked;
  for (const button of form.querySelectorAll("[data-chosen]")) {
    button.disabled = number === 0;
    button.textContent = number ? `${button.dataset.chosen} ${number} selected` : `${button.dataset.chosen} selected`;
  }
}

document.addEventListener("change", (event) => {
  const form = event.target.form;
  if (!form?.querySelector("[data-choose-all]")) return;
  if (event.target.matches("[data-choose-all]")) {
    for (const box of form.querySelectorAll("tbody input[type='checkbox']")) box.checked = event.target.checked;
  }
  countChosen(form);
});

// Also when the browser has put back what was ticked before.
addEventListener("pageshow", () => {
  for (const all of document.querySelectorAll("[data-choose-all]")) countChosen(all.form);
});

// --- Copying

function revealCopyButtons(within) {
  for (const button of within.querySelectorAll("[data-copy], [data-copy-target]")) button.hidden = false;
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without https there is no clipboard API; a selected field and the old command still work.
    const field = document.createElement("textarea");
    field.value = text;
    field.className = "visually-hidden";
    (dialog?.open ? dialog : document.body).append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    if (!done) throw new Error("The browser does not let us copy.");
  }
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy], [data-copy-target]");
  if (!button) return;
  const text = button.dataset.copy ?? document.querySelector(button.dataset.copyTarget)?.value ?? "";
  const menu = button.closest("details.menu");
  try {
    await copy(text);
    announce("Copied");
    showCopied(button);
  } catch {
    announce("Copying did not work");
  }
  if (menu) setTimeout(() => { menu.open = false; menu.querySelector("summary").focus(); }, 600);
  else button.focus();
});

// Posts the form and copies what the page it leads to would show in its read-only field.
async function copyAnswer(form) {
  const button = form.querySelector("button");
  setBusy(form, true);
  try {
    const response = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { Accept: "text/html" } });
    const body = takeBody(await response.text(), form.action);
    if (!body) throw new Error("The answer has nothing to copy.");
    setBusy(form, false);
    button.focus();
    const field = body.querySelector("input[readonly]");
    try {
      if (!field) throw new Error("Refused: the answer says why.");
      await copy(field.value);
      announce("Copied");
      showCopied(button);
    } catch {
      opener = button;
      show(body);
    }
  } catch {
    form.submit();
  }
}

function showCopied(button) {
  const label = button.querySelector("span") ?? button.lastChild;
  if (!label || button.dataset.was) return;
  button.dataset.was = label.textContent;
  label.textContent = "Copied";
  setTimeout(() => {
    label.textContent = button.dataset.was;
    delete button.dataset.was;
  }, 1600);
}

revealCopyButtons(document);

// --- Messages: errors stay, the others leave unless somebody is reading them.

const READING_TIME = 8000;
for (const region of document.querySelectorAll("[data-toasts] > div")) {
  // Written again a moment after loading, because live regions only speak of what changes.
  setTimeout(() => region.append(...region.childNodes), 120);
  if (region.getAttribute("role") !== "status") continue;
  const leave = () => {
    if (region.matches(":hover, :focus-within")) setTimeout(leave, READING_TIME / 2);
    else region.remove();
  };
  setTimeout(leave, READING_TIME);
}

document.addEventListener("click", (event) => {
  event.target.closest("[data-dismiss]")?.closest("[role]")?.remove();
});
