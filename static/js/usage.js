// What script adds to a chart: bars that stand on the floor again when the legend leaves a part out.
// Without it the style sheet hides the part, and those above it stay where they are.

function restack(chart) {
  const hidden = new Set([...chart.querySelectorAll("[data-series]")].filter((box) => !box.checked).map((box) => `p${box.dataset.series}`));
  for (const bar of chart.querySelectorAll(".bar")) {
    let y = Number(bar.querySelector(".hit").getAttribute("height"));
    for (const part of bar.querySelectorAll("rect:not(.hit)")) {
      if (hidden.has(part.classList[0])) continue;
      y -= Number(part.getAttribute("height"));
      part.setAttribute("y", y.toFixed(2));
    }
  }
}

document.addEventListener("change", (event) => {
  const chart = event.target.matches("[data-series]") && event.target.closest(".usage-chart");
  if (chart) restack(chart);
});

// Only this or without this: not both.
document.addEventListener("change", (event) => {
  const choice = event.target.closest(".offers li");
  if (!choice || !event.target.checked) return;
  for (const box of choice.querySelectorAll("input")) if (box !== event.target) box.checked = false;
});

// The search of the filter hides what does not match while it is typed, but nothing that is chosen. The
// server looks through everything when Enter is pressed.
document.addEventListener("input", (event) => {
  if (!event.target.matches("[data-search-options]")) return;
  const words = fold(event.target.value).split(/\s+/).filter(Boolean);
  for (const group of event.target.form.querySelectorAll(".offers details")) {
    let matches = 0;
    for (const option of group.querySelectorAll("li:has(input)")) {
      const name = fold(option.querySelector("span").textContent);
      const isMatch = words.every((word) => name.includes(word));
      option.hidden = !isMatch && !option.querySelector(":checked");
      if (isMatch) matches += 1;
    }
    if (words.length) group.open = matches > 0;
    group.classList.toggle("no-match", words.length > 0 && !matches);
  }
});

function fold(text) {
  return text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches("[data-search-options]")) return;
  event.preventDefault();
  event.target.form.requestSubmit(event.target.form.querySelector("[data-search]"));
});

// The parts of a bar in a small table, when the bar is pointed at, focused or tapped. Without script, a bar
// has a tooltip and leads into its days.
function openParts(bar) {
  const picture = bar.closest(".picture");
  const [total, ...parts] = bar.dataset.title.split("\n").map(splitLine);
  const colors = bar.dataset.colors.split(" ");
  const link = element("a", `Open ${total[0]}`);
  link.href = bar.getAttribute("href");
  const compared = "compared" in bar.dataset ? [row("span", parts.pop(), "before")] : [];
  const rows = [...parts.map((texts, index) => row("span", texts, `s${colors[index]}`)), ...compared];
  const box = element("div", "", "parts");
  box.append(row("b", total), ...rows, link);
  closeParts();
  picture.append(box);
  place(box, bar.querySelector(".hit").getBoundingClientRect(), picture.getBoundingClientRect());
}

// "llama: $4.76 (37.0%)": a name, which may hold anything, an amount, and in lines of parts a share.
function splitLine(line) {
  const [, name, amount, share] = line.match(/^(.*): (\S+)(?: \((.*)\))?$/);
  return share ? [name, amount, share] : [name, amount];
}

function row(tag, texts, className = "") {
  const line = element("p", "", className);
  line.append(...texts.map((text) => element(tag, text)));
  return line;
}

function element(tag, text, className = "") {
  return Object.assign(document.createElement(tag), { textContent: text, className });
}

// Beside the bar, on the side where there is room.
function place(box, slot, frame) {
  const right = slot.right - frame.left + 8;
  const left = slot.left - frame.left - box.offsetWidth - 8;
  box.style.left = `${Math.max(0, right + box.offsetWidth <= frame.width ? right : left)}px`;
}

function closeParts() {
  document.querySelector(".parts")?.remove();
}

// The arrow keys go from bar to bar, so that Tab needs to stop at only one of them.
function moveFocus(from, to) {
  from.setAttribute("tabindex", "-1");
  to.setAttribute("tabindex", "0");
  to.focus();
}

function onKey(event) {
  const bar = event.currentTarget;
  const next = { ArrowLeft: bar.previousElementSibling, ArrowRight: bar.nextElementSibling }[event.key];
  if (event.key === "Escape") closeParts();
  if (!next?.matches("a.bar")) return;
  event.preventDefault();
  moveFocus(bar, next);
}

document.querySelectorAll(".usage-chart a.bar").forEach((bar, index) => {
  const title = bar.querySelector("title");
  bar.dataset.title = title.textContent;
  bar.setAttribute("aria-label", title.textContent);
  bar.setAttribute("tabindex", index ? "-1" : "0");
  title.remove(); // the browser would show it as well
  bar.addEventListener("focus", () => openParts(bar));
  bar.addEventListener("keydown", onKey);
  bar.addEventListener("pointerenter", (event) => event.pointerType === "mouse" && openParts(bar));
  bar.addEventListener("pointerdown", (event) => { bar.dataset.pointer = event.pointerType; });
  bar.addEventListener("click", (event) => {
    // A finger has to see the parts first; the box has the link.
    if (bar.dataset.pointer !== "touch") return;
    event.preventDefault();
    openParts(bar);
  });
});

// A finger leaves the picture each time it is lifted.
document.querySelector(".usage-chart .picture")?.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && closeParts());
document.addEventListener("focusin", (event) => event.target.closest(".picture") || closeParts());
