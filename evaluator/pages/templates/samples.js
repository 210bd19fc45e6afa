"use strict";
// The browser of samples: a list that draws only the rows in sight, and the sample that was chosen.
// `evaluatorSource` finds the samples, and counts those found from 0.
(() => {
  const [BENCHMARK, ID, GROUP, END, VALUE, ANSWER, TARGET, QUESTION] = [0, 1, 2, 3, 4, 5, 6, 7];
  const ROW = 26; // pixels, as in style.css
  if (!evaluatorSource) return;

  const _ = evaluatorSay;
  const { element, harmless, show } = evaluatorSample;
  const { colours, ends } = JSON.parse(document.getElementById("sample-files").textContent);
  const section = document.getElementById("samples");
  const form = section.querySelector("form");
  const output = form.querySelector("output");
  const list = section.querySelector(".list");
  const rows = section.querySelector(".rows");
  const view = section.querySelector(".sample");
  let found = 0; // samples that pass the filter
  let chosen = -1; // one of them
  let asked = 0; // how often the filter changed

  const nameOf = (of) => `${of[BENCHMARK]}/${of[ID]}`;
  const failed = (error) => view.replaceChildren(element("p", _("No samples: {reason}.", { reason: error.message })));

  // -- the list

  function drawList() {
    rows.style.height = `${found * ROW}px`;
    const first = Math.max(0, Math.floor(list.scrollTop / ROW) - 10);
    const last = Math.min(found, first + Math.ceil(list.clientHeight / ROW) + 20);
    rows.replaceChildren(...Array.from({ length: last - first }, (_, i) => row(first + i)));
  }

  function row(n) {
    const of = evaluatorSource.row(n, drawList, failed);
    const made = element("div", of ? undefined : "...", "row");
    made.style.top = `${n * ROW}px`;
    made.setAttribute("role", "option");
    made.setAttribute("aria-selected", n === chosen);
    made.onclick = () => choose(n);
    if (!of) return made; // on its way
    const dot = element("span", undefined, "dot");
    dot.style.background = colours[of[END]];
    made.append(dot, harmless(`${of[ID]}  ${of[QUESTION]}`));
    made.title = harmless(`${of[BENCHMARK]} ${of[ID]}: ${ends[of[END]]}`);
    return made;
  }

  async function choose(n, scroll) {
    if (!found) return;
    const now = (chosen = Math.min(Math.max(n, 0), found - 1));
    const top = now * ROW;
    if (scroll || top < list.scrollTop || top > list.scrollTop + list.clientHeight - ROW)
      list.scrollTop = Math.max(0, top - list.clientHeight / 2);
    drawList();
    const before = asked;
    const { sample, heads } = await evaluatorSource.sample(now);
    if (now !== chosen || before !== asked) return; // another was chosen in the meantime
    const of = evaluatorSource.row(now);
    history.replaceState(null, "", `#sample=${encodeURIComponent(nameOf(of))}`);
    view.replaceChildren(...show(sample, ends[of[END]], heads));
    view.scrollTop = 0;
  }

  // -- filters

  // Finds samples; `shown` is called for those found so far, and once more for all of them.
  async function filter(shown = () => {}) {
    const now = ++asked;
    chosen = -1;
    list.scrollTop = 0;
    const show = async (counts) => {
      if (now !== asked) return; // the filter changed in the meantime
      showCounts(counts);
      await shown();
    };
    await show(await evaluatorSource.find(Object.fromEntries(new FormData(form)), show));
  }

  function showCounts(counts) {
    found = counts.found;
    const numbers = { found: found.toLocaleString(), all: counts.all.toLocaleString() };
    const searching = counts.searched < 1 && _("searching, {share} % so far", { share: percent(counts.searched) });
    const parts = [_("{found} of {all} {all:sample|samples}", numbers), searching, counts.more];
    output.textContent = parts.filter(Boolean).join("; ");
    drawList();
    if (!counts.all) view.replaceChildren(element("p", _("No sample has ended yet.")));
    else if (!found && !searching) view.replaceChildren(element("p", _("No sample is like that.")));
  }

  const percent = (share) => Math.floor(100 * share);
  const refilter = () => filter(() => (chosen < 0 ? choose(0) : undefined));
  const reading = (share) =>
    (output.textContent = _("reading the samples, {share} % so far", { share: percent(share) }));

  function offer(choices) {
    for (const [name, values] of Object.entries(choices))
      for (const each of values) {
        const option = element("option", name === "end" ? ends[each] : each);
        option.value = each;
        form.elements[name].append(option);
      }
  }

  // -- keys and links

  async function follow(link) {
    const name = decodeURIComponent(link.replace(/^#sample=/, ""));
    const at = await evaluatorSource.place(name);
    if (at >= 0) await choose(at, true);
    return at >= 0;
  }

  list.addEventListener("scroll", drawList);
  list.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1, PageDown: 20, PageUp: -20 }[event.key];
    if (!step) return;
    event.preventDefault();
    choose(chosen + step).catch(failed);
  });
  form.addEventListener("input", () => refilter().catch(failed));
  form.addEventListener("submit", (event) => event.preventDefault());
  window.addEventListener("hashchange", () => follow(location.hash).catch(failed));

  (async () => {
    section.hidden = false;
    const link = location.hash;
    output.textContent = _("reading the samples");
    offer(await evaluatorSource.choices(reading));
    await filter();
    if (link.startsWith("#sample=") && (await follow(link))) return section.scrollIntoView();
    await choose(0);
    history.replaceState(null, "", link || " ");
  })().catch(failed);
})();
