"use strict";
// Sorts and filters the list of results, and leads from ticked runs to their comparison.
(() => {
  const _ = evaluatorSay;
  const table = document.getElementById("entries");
  if (!table) return;
  const form = document.querySelector("form.filters");
  const button = document.getElementById("compare");
  const body = table.tBodies[0];
  const rows = [...body.rows].map((row) => ({ row, text: row.textContent.toLowerCase() }));
  const ticked = []; // ids of runs, in the order in which they were ticked
  const NUMBERS = ["score", "errors", "speed"];
  let order = { key: "started", down: true };

  // -- filters, which stand in the address

  const shown = (row) => [...row.querySelectorAll(".score")].filter((score) => !score.hidden);

  function filter() {
    const { text, kind, benchmark, tag = "" } = Object.fromEntries(new FormData(form));
    const words = text.toLowerCase().split(/\s+/);
    let count = 0;
    for (const { row, text: own } of rows) {
      const scores = [...row.querySelectorAll(".score")];
      for (const score of scores)
        score.hidden = Boolean(benchmark) && score.dataset.benchmark !== benchmark;
      const fits = words.every((word) => own.includes(word));
      row.hidden =
        !fits ||
        (kind && row.dataset.kind !== kind) ||
        (tag && ![...row.querySelectorAll(".tag.own")].some((own) => own.textContent === tag)) ||
        (benchmark && !scores.some((score) => !score.hidden));
      if (!row.hidden) count += 1;
    }
    form.querySelector("output").textContent =
      _("{found} of {all}", { found: count.toLocaleString(), all: rows.length.toLocaleString() });
    sort();
    remember({ text, kind, benchmark, tag });
  }

  function remember(filters) {
    const query = new URLSearchParams(Object.entries(filters).filter(([, value]) => value));
    if (order.key !== "started" || !order.down)
      query.set("sort", (order.down ? "-" : "") + order.key);
    history.replaceState(null, "", query.size ? `?${query}` : location.pathname);
  }

  function recall() {
    const query = new URLSearchParams(location.search);
    for (const name of ["text", "kind", "benchmark", "tag"])
      if (query.has(name) && form.elements[name]) form.elements[name].value = query.get(name);
    const sort = query.get("sort");
    if (sort) order = { key: sort.replace("-", ""), down: sort.startsWith("-") };
  }

  // -- the order

  function key(row) {
    const text = order.key === "score" ? shown(row)[0]?.dataset.value : row.dataset[order.key];
    if (!NUMBERS.includes(order.key)) return text ?? "";
    return text ? Number(text) : null;
  }

  // What has no figure stands last, whichever way the others go.
  function compared(one, other) {
    const [a, b] = [key(one.row), key(other.row)];
    if (a === null || b === null) return (a === null) - (b === null);
    const way = typeof a === "number" ? a - b : a.localeCompare(b, undefined, { numeric: true });
    return order.down ? -way : way;
  }

  function sort() {
    body.append(...[...rows].sort(compared).map(({ row }) => row));
    for (const each of table.querySelectorAll("th button")) {
      const here = each.dataset.key === order.key;
      const way = order.down ? "descending" : "ascending";
      each.parentElement.setAttribute("aria-sort", here ? way : "none");
    }
  }

  // -- the comparison

  function tick(event) {
    if (event.target.type !== "checkbox") return;
    const { id } = event.target.closest("tr").dataset;
    if (event.target.checked) ticked.push(id);
    else ticked.splice(ticked.indexOf(id), 1);
    offer();
  }

  function offer() {
    const base = rows.find(({ row }) => row.dataset.id === ticked[0])?.row.dataset.name;
    button.disabled = ticked.length < 2;
    if (!ticked.length) button.textContent = _("tick two runs or more to compare them");
    else if (button.disabled) button.textContent = _("base: {base}; tick another run", { base });
    else button.textContent = _("compare {count} with the base {base}", { count: ticked.length - 1, base });
  }

  button.addEventListener("click", () => {
    location.href = `/compare?${new URLSearchParams(ticked.map((id) => ["run", id]))}`;
  });
  body.addEventListener("change", tick);
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  table.tHead.addEventListener("click", (event) => {
    const { key: chosen } = event.target.closest("button")?.dataset ?? {};
    if (!chosen) return;
    const again = chosen === order.key;
    order = { key: chosen, down: again ? !order.down : !["title", "name"].includes(chosen) };
    filter();
  });

  // A browser that goes back fills the form and the ticks again by itself: they are read here.
  window.addEventListener("pageshow", () => {
    recall();
    for (const box of body.querySelectorAll(":checked")) {
      const { id } = box.closest("tr").dataset;
      if (!ticked.includes(id)) ticked.push(id);
    }
    offer();
    filter();
  });
})();
