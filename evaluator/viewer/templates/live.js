"use strict";
// Follows a run by server-sent events. What models say becomes text by textContent.
(() => {
  const _ = evaluatorSay;
  const { address, scales } = JSON.parse(document.getElementById("followed").textContent);
  const body = document.querySelector("#progress tbody");
  const last = document.getElementById("last");

  const figure = (name, text) => {
    document.querySelector(`[data-figure=${name}]`).textContent = text;
  };

  function element(name, text, kind) {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    if (kind) made.className = kind;
    return made;
  }

  function score({ name, value }) {
    if (value === null) return "-";
    const share = scales[name]?.[0] === 0 && scales[name]?.[1] === 1;
    return share ? `${(100 * value).toFixed(1)}%` : value.toFixed(2);
  }

  function line(of) {
    const row = element("tr");
    const bar = element("progress");
    bar.max = Math.max(of.planned, 1);
    bar.value = of.done;
    bar.setAttribute("aria-label", of.name);
    const cell = element("td");
    cell.append(bar);
    const done = _("{found} of {all}", { found: of.done.toLocaleString(), all: of.planned.toLocaleString() });
    const counts = [done, of.right.toLocaleString(), of.wrong.toLocaleString(), score(of)];
    row.append(element("td", of.name), cell);
    row.append(...counts.map((text) => element("td", text, "figure")));
    return row;
  }

  function reply({ name, seconds, text }) {
    return [
      element("div", _("{name} · {seconds} s", { name, seconds: seconds.toFixed(1) }), "turn"),
      element("pre", text || _("(empty)")),
    ];
  }

  function show(progress) {
    const sum = (field) => progress.benchmarks.reduce((all, of) => all + of[field], 0);
    figure("done", sum("done").toLocaleString());
    figure("planned", _("of {all} {all:sample|samples}", { all: sum("planned").toLocaleString() }));
    figure("replies", progress.replies.toLocaleString());
    figure("rate", progress.rate.toFixed(1));
    const quiet = progress.quiet;
    figure("quiet", quiet === null ? _("none yet") : _("the last {seconds} s ago", { seconds: Math.round(quiet) }));
    figure("state", progress.ended ? _("ended") : _("going on"));
    body.replaceChildren(...progress.benchmarks.map(line));
    last.replaceChildren(...progress.last.flatMap(reply));
  }

  const events = new EventSource(address);
  events.addEventListener("message", (event) => {
    const progress = JSON.parse(event.data);
    show(progress);
    if (progress.ended) events.close();
  });
  events.addEventListener("fault", (event) => {
    events.close();
    figure("state", "?");
    figure("why", JSON.parse(event.data));
  });
  events.addEventListener("error", () => figure("why", _("the viewer does not answer")));
  events.addEventListener("open", () => figure("why", ""));
})();
