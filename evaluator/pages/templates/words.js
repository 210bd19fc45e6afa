"use strict";
// Says a text in the language of the page; `{name}` in it stands for a field, and
// `{name:one|many}` for the word that goes with its number.
const evaluatorSay = (() => {
  const words = JSON.parse(document.getElementById("words").textContent);
  const field = /\{(\w+)(?::([^{}|]*)\|([^{}|]*))?\}/g;
  return (text, fields = {}) =>
    (words[text] ?? text).replace(field, (whole, name, one, many) =>
      one === undefined ? (fields[name] ?? whole) : String(fields[name]) === "1" ? one : many);
})();
