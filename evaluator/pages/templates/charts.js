"use strict";
// Draws every chart of the page, in the colours of the page, light or dark.
(() => {
  const charts = JSON.parse(document.getElementById("charts").textContent);
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  function config() {
    const ink = colour("--ink"), soft = colour("--soft"), line = colour("--line");
    const text = { labelColor: soft, titleColor: soft, labelFontSize: 12, titleFontWeight: "normal" };
    return {
      background: "transparent",
      font: getComputedStyle(document.body).fontFamily,
      view: { stroke: null },
      axis: { ...text, gridColor: line, domainColor: line, tickColor: line },
      legend: text,
      rule: { color: ink }, tick: { color: ink },
      bar: { color: colour("--accent") }, area: { color: colour("--accent") },
      range: { category: ["#3f7cac", "#2a9d5c", "#e9b44c", "#b07cc6", "#e07a3f", "#6c8ebf"] },
    };
  }

  function draw() {
    const options = {
      ast: true, renderer: "svg", tooltip: true, config: config(), logLevel: 1,
      actions: { export: true, source: false, compiled: false, editor: false },
    };
    for (const place of document.querySelectorAll("[data-chart]")) {
      const chart = charts[place.dataset.chart];
      vegaEmbed(place, chart, { ...options, downloadFileName: place.dataset.chart });
    }
  }

  draw();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
})();
