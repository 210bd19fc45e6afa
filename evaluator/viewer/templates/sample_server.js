"use strict";
// Where the browser of samples gets them from: the server, a hundred rows at once.
const evaluatorSource = (() => {
  const PAGE = 100; // rows of an answer
  const { files } = JSON.parse(document.getElementById("sample-files").textContent);
  const pages = new Map(); // number of a page -> its rows, or null while they are on their way
  let filter = {};

  // Of a large run the server first reads the samples: `reading` is told how far it is.
  async function ask(action, at = "", reading = () => {}) {
    const query = new URLSearchParams({ ...filter, at });
    const answer = await fetch(`${files.address}/${action}?${query}`);
    const found = await answer.json();
    if (found.error !== undefined) throw new Error(found.error.replace(/\.$/, ""));
    if (found.reading === undefined) return found;
    reading(found.reading);
    return ask(action, at, reading);
  }

  async function find(wanted) {
    filter = wanted;
    const counts = await ask("find");
    if (filter === wanted) pages.clear();
    return { ...counts, searched: 1 };
  }

  // A row, or nothing while it is on its way: `arrived` is called when it is there.
  function row(n, arrived, failed) {
    const number = Math.floor(n / PAGE);
    if (!pages.has(number)) fetchPage(number).then(arrived, failed);
    return pages.get(number)?.[n % PAGE];
  }

  async function fetchPage(number) {
    const wanted = filter;
    pages.set(number, null);
    const { rows } = await ask("rows", number * PAGE);
    if (filter === wanted) pages.set(number, rows);
  }

  async function sample(n) {
    const number = Math.floor(n / PAGE);
    if (!pages.get(number)) await fetchPage(number);
    const { sample, heads } = await ask("sample", n);
    return { sample, heads: new Map(Object.entries(heads)) };
  }

  const place = async (name) => (await ask("place", name)).place;

  return { choices: (reading) => ask("choices", "", reading), find, row, sample, place };
})();
