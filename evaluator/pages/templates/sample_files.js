"use strict";
// Where the browser of samples gets them from: the files beside the page, loaded when needed.
const evaluatorSource = (() => {
  const [BENCHMARK, ID, GROUP, END, , ANSWER] = [0, 1, 2, 3, 4, 5];
  const { files } = JSON.parse(document.getElementById("sample-files").textContent);
  if (!files || !files.shown) return null;

  const loaded = new Map(); // number of a file -> its samples
  const heads = new Map();
  const texts = []; // what a sample is searched by, made once
  let index = [];
  let found = []; // places in the index that pass the filter

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

  async function choices() {
    await load("index");
    const seen = (field) => [...new Set(index.map((of) => of[field]))].filter(Boolean);
    return { benchmark: seen(BENCHMARK), group: seen(GROUP), end: seen(END) };
  }

  async function find({ benchmark, group, end, answer, text }) {
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
    const more = left ? `${left.toLocaleString()} more are in samples.jsonl` : "";
    return { found: found.length, all: index.length, more };
  }

  async function everyFile() {
    const all = Math.ceil(files.shown / files.each);
    await Promise.all(
      Array.from({ length: all }, (_, n) => n).filter((n) => !loaded.has(n)).map(load),
    );
  }

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

  async function sample(n) {
    const place = found[n];
    const number = Math.floor(place / files.each);
    if (!loaded.has(number)) await load(number);
    return { sample: loaded.get(number)[place % files.each], heads };
  }

  async function place(name) {
    return found.findIndex((at) => `${index[at][BENCHMARK]}/${index[at][ID]}` === name);
  }

  return { choices, find, row: (n) => index[found[n]], sample, place };
})();
