"use strict";
// Draws every chart of the page, in the colours of the page, light or dark.
(() => {
  const { charts, configs } = JSON.parse(document.getElementById("charts").textContent);
  const dark = matchMedia("(prefers-color-scheme: dark)");

  function config(width) {
    const made = configs[dark.matches ? "dark" : "light"];
    const columns = Math.max(1, Math.floor((width - 150) / configs.legend_entry));
    const labelLimit = Math.max(120, Math.min(300, 0.3 * width)); // of the names beside bars
    return { ...made, legend: { ...made.legend, columns }, axisY: { labelLimit } };
  }

  function draw(place) {
    const options = {
      ast: true, renderer: "svg", tooltip: true, logLevel: 1,
      config: config(place.clientWidth),
      actions: { export: true, source: false, compiled: false, editor: false },
    };
    vegaEmbed(place, charts[place.dataset.chart], { ...options, downloadFileName: place.dataset.chart });
  }

  // A chart takes its width from its place, which has none while it is folded away.
  function drawSeen() {
    for (const place of document.querySelectorAll("[data-chart]"))
      if (!place.closest("details:not([open])")) draw(place);
  }

  drawSeen();
  dark.addEventListener("change", drawSeen);
  for (const folded of document.querySelectorAll("details"))
    folded.addEventListener("toggle", () => {
      if (folded.open) folded.querySelectorAll("[data-chart]").forEach(draw);
    });
})();
