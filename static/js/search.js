// Search or jump to: Ctrl/Cmd+K opens it, results come while typing, arrows and Enter choose.

const link = document.querySelector("[data-search-link]");
const DELAY = 150;
let timer = 0;
let turn = 0;

document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
  if (!link || document.querySelector("dialog[open]")) return;
  event.preventDefault();
  link.click();
});

function results(within) {
  return within.closest("[data-search]")?.querySelector("[data-search-results]");
}

async function refresh(input) {
  const mine = ++turn;
  const address = new URL(input.form.action);
  address.searchParams.set("q", input.value);
  try {
    const response = await fetch(address, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const fresh = page.querySelector("[data-search-results]");
    if (mine !== turn || !response.ok || !fresh) return;
    results(input)?.replaceWith(document.adoptNode(fresh));
    const region = input.closest("dialog")?.querySelector("[data-announce]");
    if (region) region.textContent = `${fresh.dataset.number} found`;
  } catch {
    // Enter still leads to the page of results.
  }
}

document.addEventListener("input", (event) => {
  if (!event.target.matches("[data-search] input[type='search']")) return;
  clearTimeout(timer);
  timer = setTimeout(refresh, DELAY, event.target);
});

document.addEventListener("keydown", (event) => {
  const place = event.target.closest?.("[data-search]");
  if (!place || !["ArrowDown", "ArrowUp", "Enter"].includes(event.key)) return;
  const links = [...place.querySelectorAll("[data-search-results] a")];
  const at = links.indexOf(document.activeElement);
  if (event.key === "Enter") {
    if (at >= 0 || !links.length || !event.target.value) return;
    event.preventDefault();
    // What stands there may belong to what was typed before.
    clearTimeout(timer);
    refresh(event.target).then(() => place.querySelector("[data-search-results] a")?.click());
    return;
  }
  event.preventDefault();
  const next = at + (event.key === "ArrowDown" ? 1 : -1);
  if (next < 0) place.querySelector("input[type='search']").focus();
  else links[Math.min(next, links.length - 1)]?.focus();
});
