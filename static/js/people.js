// Fields for people: members are suggested below while a name or an address is typed, and chosen ones become chips.

const DELAY = 150;
let turn = 0;
let timer = 0;
let number = 0;

function enhance(place) {
  const input = place.querySelector("input[type='text'], input[type='email']");
  if (!input || input.role === "combobox") return;
  const list = document.createElement("div");
  list.hidden = true;
  list.dataset.people = "list";
  input.after(list);
  const id = `people-${++number}`;
  list.id = id;
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-expanded", "false");
  input.setAttribute("aria-controls", id);
  input.type = "text";
  if (place.hasAttribute("data-several")) {
    const chips = document.createElement("div");
    chips.className = "chips";
    chips.dataset.chips = "";
    input.before(chips);
    input.form.addEventListener("formdata", (event) => {
      const chosen = [...chips.children].map((chip) => chip.dataset.email);
      const rest = event.formData.get(input.name);
      if (chosen.length) event.formData.set(input.name, [...chosen, rest].filter(Boolean).join(", "));
    });
  }
}

const parts = (input) => {
  const place = input.closest("[data-people]");
  return { place, list: document.getElementById(input.getAttribute("aria-controls")), chips: place.querySelector("[data-chips]") };
};
const options = (list) => [...list.querySelectorAll("[role='option']:not([aria-disabled])")];

function announce(place, text) {
  const region = (place.closest("dialog") ?? document.body).querySelector(":scope > [data-announce]");
  if (region) region.textContent = text;
}

function close(input) {
  const { list } = parts(input);
  list.hidden = true;
  list.replaceChildren();
  input.setAttribute("aria-expanded", "false");
  input.removeAttribute("aria-activedescendant");
}

function mark(input, option) {
  const { list } = parts(input);
  for (const other of options(list)) other.setAttribute("aria-selected", String(other === option));
  if (option) input.setAttribute("aria-activedescendant", option.id);
  else input.removeAttribute("aria-activedescendant");
  option?.scrollIntoView({ block: "nearest" });
}

// What is looked for is the last of several addresses, as the ones before are finished.
const typed = (input) => input.value.split(/[,;]/).at(-1).trim();

async function suggest(input) {
  const mine = ++turn;
  const { place, list, chips } = parts(input);
  const address = new URL(place.dataset.people, location.href);
  address.searchParams.set("q", typed(input));
  try {
    const response = await fetch(address, { headers: { "X-Candidates": "1", Accept: "text/html" } });
    if (mine !== turn || !response.ok || !input.isConnected) return;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const found = page.querySelector("[data-candidates]");
    const chosen = new Set([...(chips?.children ?? [])].map((chip) => chip.dataset.email));
    for (const item of [...(found?.children ?? [])]) {
      if (chosen.has(item.dataset.email)) item.remove();
      // An option has no links inside: choosing it is what pressing does.
      for (const link of item.querySelectorAll("a")) link.replaceWith(...link.childNodes);
    }
    if (!found?.children.length) return void close(input);
    found.setAttribute("role", "listbox");
    found.setAttribute("aria-label", "Members");
    [...found.children].forEach((item, at) => {
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", "false");
      item.id = `${list.id}-${at}`;
    });
    list.replaceChildren(document.adoptNode(found));
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    mark(input, null);
    announce(place, `${found.children.length} suggested`);
  } catch {
    // Without suggestions the whole address can still be typed.
  }
}

function choose(input, option) {
  const { place, chips } = parts(input);
  const { email, name } = option.dataset;
  if (chips) {
    const chip = document.createElement("span");
    chip.className = "chip";
    chip.dataset.email = email;
    const remove = document.createElement("button");
    remove.type = "button";
    remove.textContent = "×";
    remove.setAttribute("aria-label", `Remove ${name}`);
    remove.dataset.removeChip = "";
    chip.append(name, remove);
    chips.append(chip);
    input.value = input.value.replace(/[^,;]*$/, "");
  } else {
    input.value = email;
  }
  close(input);
  announce(place, `${name} chosen`);
  input.focus();
}

document.addEventListener("focusin", (event) => {
  const place = event.target.closest?.("[data-people]:not([data-people='list'])");
  if (place && event.target.matches("input")) enhance(place);
});

document.addEventListener("input", (event) => {
  if (event.target.role !== "combobox") return;
  clearTimeout(timer);
  turn += 1;
  if (typed(event.target)) timer = setTimeout(suggest, DELAY, event.target);
  else close(event.target);
});

document.addEventListener("focusout", (event) => {
  if (event.target.role === "combobox") close(event.target);
});

document.addEventListener("keydown", (event) => {
  const input = event.target;
  if (input.role !== "combobox" || event.isComposing) return;
  const { list, chips } = parts(input);
  const all = options(list);
  const at = all.findIndex((option) => option.id === input.getAttribute("aria-activedescendant"));
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    if (list.hidden) return void suggest(input);
    mark(input, all.at((at + (event.key === "ArrowDown" ? 1 : at < 0 ? 0 : -1)) % all.length));
  } else if (event.key === "Enter" && at >= 0) {
    event.preventDefault();
    choose(input, all[at]);
  } else if (event.key === "Escape" && !list.hidden) {
    event.preventDefault();
    close(input);
  } else if (event.key === "Backspace" && !input.value && chips?.lastChild) {
    chips.lastChild.remove();
  }
});

// A press must not take the focus from the field, which would close the list before the click.
document.addEventListener("mousedown", (event) => {
  if (event.target.closest("[data-people='list']")) event.preventDefault();
});

document.addEventListener("click", (event) => {
  const option = event.target.closest("[data-people='list'] [role='option']:not([aria-disabled])");
  if (option) choose(document.querySelector(`[aria-controls='${option.closest("[data-people='list']").id}']`), option);
  const remove = event.target.closest("[data-remove-chip]");
  if (!remove) return;
  const input = remove.closest("[data-people]").querySelector("input");
  remove.parentElement.remove();
  input.focus();
});
