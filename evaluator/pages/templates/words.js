"use strict";
// Says a text in the language of the page; `{name}` in it stands for a field.
const evaluatorSay = (() => {
  const words = JSON.parse(document.getElementById("words").textContent);
  return (text, fields = {}) =>
    (words[text] ?? text).replace(/\{(\w+)\}/g, (whole, name) => fields[name] ?? whole);
})();
