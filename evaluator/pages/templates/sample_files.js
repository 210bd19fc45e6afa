"use strict";
// Where the browser of samples gets them from: the files beside the page, loaded when needed.
const evaluatorSource = (() => {
  const _ = evaluatorSay;
  const [BENCHMARK, ID, GROUP, END, , ANSWER] = [0, 1, 2, 3, 4, 5];
  const { files } = JSON.parse(document.getElementById("sample-files").textContent);
  if (!files || !files.shown) return null;

  const AHEAD = 4; // files that are read at once before they are needed
  const SLICE = 50; // milliseconds of a search after which the page shows what was found so far
  const breath = () => new Promise((done) => setTimeout(done)); // others have their turn
  const COUNT = Math.ceil(files.shown / files.each); // of files with samples
  const loading = new Map(); // name of a file -> a promise that it is there
  const loaded = new Map(); // number of a file -> its samples
  const heads = new Map();
  const texts = []; // what a sample is searched by, in lower case, made once
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
    if (!loading.has(name)) loading.set(name, script(`${files.folder}/${name}.js`));
    return loading.get(name);
  }

  function script(src) {
    return new Promise((resolve, reject) => {
      const made = document.createElement("script");
      made.src = src;
      made.onload = resolve;
      made.onerror = () => reject(new Error(_("{file} cannot be read", { file: made.src })));
      document.head.append(made);
    });
  }

  async function choices() {
    await load("index");
    readAhead().catch(() => {}); // a search says what cannot be read
    const seen = (field) => [...new Set(index.map((of) => of[field]))].filter(Boolean);
    return { benchmark: seen(BENCHMARK), group: seen(GROUP), end: seen(END) };
  }

  // Searches one file after the other; `soFar` is told now and then of what was found in them.
  async function find(filter, soFar) {
    const words = filter.text.toLowerCase();
    const places = (found = []);
    let searched = 0;
    let due = 0; // when the page shows what was found: first of all as soon as anything is
    const told = setInterval(() => soFar(counts(places, searched / COUNT)), SLICE);
    try {
      while (searched < COUNT && found === places) { // until another search begins
        if (words) await searchable(searched, searched + 1, AHEAD);
        places.push(...passing(searched++, filter, words));
        if (!words || !places.length || performance.now() < due) continue;
        soFar(counts(places, searched / COUNT));
        await breath();
        due = performance.now() + SLICE;
      }
    } finally {
      clearInterval(told);
    }
    return counts(places, 1);
  }

  // The places of a file's samples that pass; the texts of the file are there if `words` are wanted.
  function* passing(number, { benchmark, group, end, answer }, words) {
    const last = Math.min((number + 1) * files.each, index.length);
    for (let place = number * files.each; place < last; place++) {
      const of = index[place];
      if (benchmark && of[BENCHMARK] !== benchmark) continue;
      if (group && of[GROUP] !== group) continue;
      if (end && of[END] !== end) continue;
      if (answer && of[ANSWER] !== answer) continue;
      if (!words || texts[place].includes(words)) yield place;
    }
  }

  function counts(places, searched) {
    const left = files.samples - files.shown;
    const more = left ? _("{count} more {count:is|are} in samples.jsonl", { count: left.toLocaleString() }) : "";
    return { found: places.length, all: index.length, more, searched };
  }

  // Reads every file while there is nothing else to do, so that the first search need not wait.
  async function readAhead() {
    for (let n = 0; n < COUNT; n += AHEAD) {
      await new Promise((done) => requestIdleCallback(done));
      await searchable(n, n + AHEAD);
    }
  }

  // Loads files, and makes the texts of their samples; the files after them are on their way.
  async function searchable(from, to, ahead = 0) {
    for (let n = to; n < Math.min(to + ahead, COUNT); n++) load(n).catch(() => {});
    const numbers = Array.from({ length: Math.min(to, COUNT) - from }, (_, n) => from + n);
    await Promise.all(numbers.map(searchableFile));
  }

  async function searchableFile(number) {
    const first = number * files.each;
    if (texts[first] !== undefined) return;
    await load(number);
    loaded.get(number).forEach((of, n) => (texts[first + n] ??= searched(of)));
  }

  function searched(of) {
    const said = of.exchanges.flatMap((each) => [own(each), each.reply ?? ""]);
    return [of.id, of.target, ...said].join("\n").toLowerCase();
  }

  // The end of what was asked: other prompts may begin alike.
  function own(exchange) {
    const last = exchange.prompt ?? exchange.messages?.at(-1)?.content ?? "";
    return typeof last === "string" ? last : (last.text ?? JSON.stringify(last));
  }

  async function sample(n) {
    const place = found[n];
    const number = Math.floor(place / files.each);
    await load(number);
    return { sample: loaded.get(number)[place % files.each], heads };
  }

  async function place(name) {
    return found.findIndex((at) => `${index[at][BENCHMARK]}/${index[at][ID]}` === name);
  }

  return { choices, find, row: (n) => index[found[n]], sample, place };
})();
