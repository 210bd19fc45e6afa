"use strict";
// One sample, as it was asked, answered and read.
// Everything from outside becomes text by textContent; none of it is ever read as HTML.
const evaluatorSample = (() => {
  const _ = evaluatorSay;
  // Characters that steer (control, format, halves of pairs) are shown as what they are not.
  const harmless = (text) => String(text).replace(/[^\P{C}\n\t]/gu, "\ufffd");

  function element(name, text, kind) {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = harmless(text);
    if (kind) made.className = kind;
    return made;
  }

  // `of` is a line of samples.jsonl, `end` what became of it, `heads` what prompts begin with.
  function show(of, end, heads) {
    const about = element("dl");
    const line = (name, value) => about.append(element("dt", name), element("dd", value));
    line(_("benchmark"), of.group ? `${of.benchmark}, ${of.group}` : of.benchmark);
    line(_("sample"), of.id);
    line(_("outcome"), end + (of.value === null ? "" : `, ${_("value {value}", { value: of.value })}`));
    if (!of.error || of.answer) line(_("answer"), of.answer ?? _("nothing could be read"));
    line(_("ground truth"), of.target);
    if (of.note) line(_("note"), of.note);
    if (of.error) line(_("error"), of.error);
    return [about, ...checks(of), ...exchanges(of, heads)];
  }

  // What each check of the benchmark said.
  function* checks(of) {
    if (!of.checks) return;
    const made = element("ul", undefined, "checks");
    for (const check of of.checks)
      made.append(element("li", `${check.passed ? "✓" : "✗"} ${check.name}: ${check.said}`));
    yield* titled(_("checks"), made);
  }

  const whole = (text, heads) =>
    typeof text === "string" ? text : heads.get(text.head) + text.text;

  function messages(exchange, before, heads) {
    if (exchange.prompt !== undefined)
      return [{ role: "prompt", content: whole(exchange.prompt, heads) }];
    const made = exchange.after === undefined ? [] : [...before[exchange.after]];
    for (const turn of exchange.messages ?? [])
      if (turn.head !== undefined) made.push(...heads.get(turn.head));
      else if (turn.content?.head) made.push({ ...turn, content: whole(turn.content, heads) });
      else made.push(turn);
    return made;
  }

  function* exchanges(of, heads) {
    const before = [];
    for (const each of of.exchanges) {
      before.push(messages(each, before, heads));
      yield* turns(before.at(-1), each, of);
    }
    for (const text of of.reference ?? []) yield* titled(_("reference answer"), element("pre", text));
  }

  function* turns(asked, exchange, of) {
    // A dialogue goes on: its turns so far stand above, with the replies to them.
    const known = exchange.after === undefined ? 0 : asked.length - exchange.messages.length;
    for (const turn of asked.slice(known)) {
      if (known && turn.role === "assistant") continue;
      const text = typeof turn.content === "string" ? turn.content : JSON.stringify(turn, null, 2);
      yield* titled(_("{who} was asked · {role}", { who: exchange.role, role: turn.role }), element("pre", text));
      if (turn.tool_calls) yield* titled(_("tool calls"), element("pre", called(turn.tool_calls)));
    }
    if (exchange.thinking) yield folded(_("thinking"), exchange.thinking);
    if (exchange.tool_calls)
      yield* titled(_("tool calls"), element("pre", called(exchange.tool_calls)));
    if (exchange.reply === undefined) return;
    const read = exchange.role === "model" ? of.answer : null;
    const ended = exchange.finish_reason ? ` · ${exchange.finish_reason}` : "";
    yield* titled(_("{who} replied", { who: exchange.role }) + ended, marked(exchange.reply, read));
  }

  // A call on each line, as far as it has the usual shape.
  function called(calls) {
    const line = (call) =>
      call?.function?.name
        ? `${call.function.name}(${call.function.arguments})`
        : JSON.stringify(call);
    return calls.map(line).join("\n");
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
      made.textContent = harmless(reply || _("(empty)"));
      return made;
    }
    const after = at + answer.length;
    made.append(harmless(reply.slice(0, at)), element("mark", answer), harmless(reply.slice(after)));
    return made;
  }

  return { element, harmless, show };
})();
