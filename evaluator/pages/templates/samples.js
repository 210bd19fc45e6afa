"use strict";
// The browser of samples: a list that draws only the rows in sight, and the sample that was chosen.
// Everything from outside becomes text by textContent; none of it is ever read as HTML.
(() => {
  const [BENCHMARK, ID, GROUP, END, VALUE, ANSWER, TARGET, QUESTION] = [0, 1, 2, 3, 4, 5, 6, 7];
  const ROW = 26; // pixels, as in style.css
  const { files, colours } = JSON.parse(document.getElementById("sample-files").textContent);
  if (!files || !files.shown) return;

  const section = document.getElementById("samples");
  const form = section.querySelector("form");
  const list = section.querySelector(".list");
  const rows = section.querySelector(".rows");
  const view = section.querySelector(".sample");
  const loaded = new Map(); // number of a file -> its samples
  const heads = new Map();
  let index = [];
  let found = []; // places in the index that pass the filter
  let chosen = -1; // place in `found`

  // What the files call when they are loaded.
  window.evaluatorSamples = {
    index: (all, beginnings) => {
      index = all;
      for (const each of beginnings) heads.set(each.head, each.text ?? each.messages);
    },
    file: (number, samples) => loaded.set(number, samples),
  };

  function load(name) {
    return new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = `${files.folder}/${name}.js`;
      script.onload = resolve;
      script.onerror = () => reject(new Error(`${script.src} cannot be read`));
      document.head.append(script);
    });
  }

  async function sample(place) {
    const number = Math.floor(place / files.each);
    if (!loaded.has(number)) await load(number);
    return loaded.get(number)[place % files.each];
  }

  // Characters that steer (control, format, halves of pairs) are shown as what they are not.
  const harmless = (text) => String(text).replace(/[^\P{C}\n\t]/gu, "\ufffd");

  function element(name, text, kind) {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = harmless(text);
    if (kind) made.className = kind;
    return made;
  }

  // -- the list

  function drawList() {
    rows.style.height = `${found.length * ROW}px`;
    const first = Math.max(0, Math.floor(list.scrollTop / ROW) - 10);
    const last = Math.min(found.length, first + Math.ceil(list.clientHeight / ROW) + 20);
    rows.replaceChildren(...Array.from({ length: last - first }, (_, i) => row(first + i)));
  }

  function row(n) {
    const of = index[found[n]];
    const made = element("div", undefined, "row");
    const dot = element("span", undefined, "dot");
    dot.style.background = colours[of[END]];
    made.append(dot, harmless(`${of[ID]}  ${of[QUESTION]}`));
    made.style.top = `${n * ROW}px`;
    made.title = `${of[BENCHMARK]} ${of[ID]}: ${of[END]}`;
    made.setAttribute("role", "option");
    made.setAttribute("aria-selected", n === chosen);
    made.onclick = () => choose(n);
    return made;
  }

  function choose(n, scroll) {
    if (!found.length) return;
    chosen = Math.min(Math.max(n, 0), found.length - 1);
    const top = chosen * ROW;
    if (scroll || top < list.scrollTop || top > list.scrollTop + list.clientHeight - ROW)
      list.scrollTop = Math.max(0, top - list.clientHeight / 2);
    drawList();
    const of = index[found[chosen]];
    history.replaceState(null, "", `#sample=${encodeURIComponent(`${of[BENCHMARK]}/${of[ID]}`)}`);
    show(found[chosen]);
  }

  // -- filters

  async function filter() {
    const { benchmark, group, end, answer, text } = Object.fromEntries(new FormData(form));
    const words = text.toLowerCase();
    if (words) await everyFile();
    found = [];
    index.forEach((of, place) => {
      if (benchmark && of[BENCHMARK] !== benchmark) return;
      if (group && of[GROUP] !== group) return;
      if (end && of[END] !== end) return;
      if (answer && of[ANSWER] !== answer) return;
      if (words && !searched(place).includes(words)) return;
      found.push(place);
    });
    const left = files.samples - files.shown;
    form.querySelector("output").textContent =
      `${found.length.toLocaleString()} of ${index.length.toLocaleString()} samples` +
      (left ? `; ${left.toLocaleString()} more are in samples.jsonl` : "");
    list.scrollTop = 0;
    chosen = -1;
    drawList();
    if (found.length) choose(0);
    else view.replaceChildren(element("p", "No sample is like that."));
  }

  async function everyFile() {
    const all = Math.ceil(files.shown / files.each);
    await Promise.all(
      Array.from({ length: all }, (_, n) => n).filter((n) => !loaded.has(n)).map(load),
    );
  }

  const texts = []; // what a sample is searched by, made once
  function searched(place) {
    return (texts[place] ??= (() => {
      const of = loaded.get(Math.floor(place / files.each))[place % files.each];
      const said = of.exchanges.flatMap((each) => [own(each), each.reply ?? ""]);
      return [of.id, of.target, ...said].join("\n").toLowerCase();
    })());
  }

  // The end of what was asked: other prompts may begin alike.
  function own(exchange) {
    const last = exchange.prompt ?? exchange.messages?.at(-1)?.content ?? "";
    return typeof last === "string" ? last : (last.text ?? JSON.stringify(last));
  }

  function choices() {
    const seen = (field) => [...new Set(index.map((of) => of[field]))].filter(Boolean);
    for (const [name, field] of [["benchmark", BENCHMARK], ["group", GROUP], ["end", END]])
      for (const each of seen(field)) {
        const option = element("option", each);
        option.value = each;
        form.elements[name].append(option);
      }
  }

  // -- one sample

  const whole = (text) => (typeof text === "string" ? text : heads.get(text.head) + text.text);

  function messages(exchange, before) {
    if (exchange.prompt !== undefined) return [{ role: "prompt", content: whole(exchange.prompt) }];
    const made = exchange.after === undefined ? [] : [...before[exchange.after]];
    for (const turn of exchange.messages ?? [])
      if (turn.head !== undefined) made.push(...heads.get(turn.head));
      else if (turn.content?.head) made.push({ ...turn, content: whole(turn.content) });
      else made.push(turn);
    return made;
  }

  async function show(place) {
    const of = await sample(place);
    if (place !== found[chosen]) return; // another was chosen in the meantime
    const about = element("dl");
    const line = (name, value) => about.append(element("dt", name), element("dd", value));
    line("benchmark", of.group ? `${of.benchmark}, ${of.group}` : of.benchmark);
    line("sample", of.id);
    line("outcome", index[place][END] + (of.value === null ? "" : `, value ${of.value}`));
    line("answer", of.answer ?? "nothing could be read");
    line("ground truth", of.target);
    if (of.note) line("note", of.note);
    if (of.error) line("error", of.error);
    view.replaceChildren(about, ...exchanges(of));
    view.scrollTop = 0;
  }

  function* exchanges(of) {
    const before = [];
    for (const each of of.exchanges) {
      before.push(messages(each, before));
      yield* turns(before.at(-1), each, of);
    }
    for (const text of of.reference ?? []) yield* titled("reference answer", element("pre", text));
  }

  function* turns(asked, exchange, of) {
    for (const turn of asked) {
      const text = typeof turn.content === "string" ? turn.content : JSON.stringify(turn, null, 2);
      yield* titled(`${exchange.role} was asked · ${turn.role}`, element("pre", text));
    }
    if (exchange.thinking) yield folded("thinking", exchange.thinking);
    if (exchange.tool_calls)
      yield* titled("tool calls", element("pre", JSON.stringify(exchange.tool_calls, null, 2)));
    if (exchange.reply === undefined) return;
    const read = exchange.role === "model" ? of.answer : null;
    const ended = exchange.finish_reason ? ` · ${exchange.finish_reason}` : "";
    yield* titled(`${exchange.role} replied${ended}`, marked(exchange.reply, read));
  }

  function* titled(title, made) {
    yield element("div", title, "turn");
    yield made;
  }

  function folded(title, text) {
    const made = element("details");
    made.append(element("summary", title), element("pre", text));
    return made;
  }

  // The reply, with the last place where the answer stands marked.
  function marked(reply, answer) {
    const made = element("pre");
    const at = answer ? reply.lastIndexOf(answer) : -1;
    if (at < 0) {
      made.textContent = harmless(reply || "(empty)");
      return made;
    }
    const after = at + answer.length;
    made.append(harmless(reply.slice(0, at)), element("mark", answer), harmless(reply.slice(after)));
    return made;
  }

  // -- keys and links

  function linked() {
    const name = decodeURIComponent(location.hash.replace(/^#sample=/, ""));
    return found.findIndex((place) => `${index[place][BENCHMARK]}/${index[place][ID]}` === name);
  }

  list.addEventListener("scroll", drawList);
  list.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1, PageDown: 20, PageUp: -20 }[event.key];
    if (!step) return;
    event.preventDefault();
    choose(chosen + step);
  });
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  window.addEventListener("hashchange", () => linked() >= 0 && choose(linked(), true));

  (async () => {
    section.hidden = false;
    const link = location.hash.startsWith("#sample=");
    const name = location.hash;
    await load("index");
    choices();
    await filter();
    if (!link) return history.replaceState(null, "", " ");
    history.replaceState(null, "", name);
    if (linked() < 0) return;
    choose(linked(), true);
    section.scrollIntoView();
  })().catch((error) => view.replaceChildren(element("p", `No samples: ${error.message}.`)));
})();
