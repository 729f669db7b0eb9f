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

// The parts of a bar in a small table, when the bar is pointed at, focused or tapped. Without script, a bar
// has a tooltip and leads into its days.
function openParts(bar) {
  const picture = bar.closest(".picture");
  picture.querySelector(".parts")?.remove();
  const [head, ...lines] = bar.dataset.title.split("\n");
  const colors = [...picture.closest(".usage-chart").querySelectorAll(".legend label")].map((label) => [label.textContent, label.firstElementChild.classList[1]]);
  const box = document.createElement("div");
  box.className = "parts";
  box.append(row("b", head.split(/: (?=[^:]*$)/)));
  for (const line of lines) {
    const [name, amount] = line.split(/: (?=[^:]*$)/);
    const [, cost, share] = amount.match(/(.*) \((.*)\)$/);
    const part = row("span", [name, cost, share]);
    part.className = colors.find(([text]) => text === name)?.[1] ?? "s8";
    box.append(part);
  }
  const link = document.createElement("a");
  link.href = bar.getAttribute("href");
  link.textContent = `Open ${head.split(/: (?=[^:]*$)/)[0]}`;
  box.append(link);
  picture.append(box);
  const slot = bar.querySelector(".hit").getBoundingClientRect();
  const frame = picture.getBoundingClientRect();
  const right = slot.right - frame.left + 8;
  const fits = right + box.offsetWidth <= frame.width;
  box.style.left = `${Math.max(0, fits ? right : slot.left - frame.left - box.offsetWidth - 8)}px`;
}

function row(tag, texts) {
  const element = document.createElement("p");
  for (const text of texts) element.append(Object.assign(document.createElement(tag), { textContent: text }));
  return element;
}

function closeParts() {
  document.querySelector(".parts")?.remove();
}

for (const bar of document.querySelectorAll(".usage-chart a.bar")) {
  const title = bar.querySelector("title");
  bar.dataset.title = title.textContent;
  bar.setAttribute("aria-label", title.textContent);
  title.remove(); // the browser would show it as well
  bar.addEventListener("focus", () => openParts(bar));
  bar.addEventListener("pointerenter", (event) => event.pointerType === "mouse" && openParts(bar));
  bar.addEventListener("pointerdown", (event) => { bar.dataset.pointer = event.pointerType; });
  bar.addEventListener("click", (event) => {
    // A finger has to see the parts first; the box has the link.
    if (bar.dataset.pointer !== "touch") return;
    event.preventDefault();
    openParts(bar);
  });
  bar.addEventListener("keydown", (event) => {
    const next = { ArrowLeft: "previousElementSibling", ArrowRight: "nextElementSibling" }[event.key];
    if (event.key === "Escape") closeParts();
    if (next && bar[next]?.matches("a.bar")) {
      event.preventDefault();
      bar[next].focus();
    }
  });
}

document.querySelector(".usage-chart .picture")?.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && closeParts());
document.addEventListener("focusin", (event) => event.target.closest(".picture") || closeParts());
