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
