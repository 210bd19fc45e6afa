"""Scripted models: each plays the scenarios of `toolcall` in its own way, in any protocol."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from evaluator.agents.calls import ToolCall
from evaluator.agents.protocols.instructed import as_json, as_react, as_text
from evaluator.agents.simulation.scenario import LEFT_OUT, ExpectedCall, Scenario
from evaluator.benchmarks.toolcall import TOOLCALL
from evaluator.data import Builtin, samples
from tests.stub import Reply
from tests.stub.replies import Body

SCENARIOS: Sequence[Scenario] = [
    sample.fields["scenario"] for sample in samples(TOOLCALL, Builtin(), 0)
]
Step = list[ToolCall] | str  # a reply: calls, or words
Player = Callable[[Scenario], list[Step]]  # its replies; the last one is said again and again
SORRY = {"zh": "抱歉，我无法完成。", "en": "Sorry, I cannot do that."}


def perfect(played: Scenario) -> list[Step]:
    calls = [right_call(each, played.language) for each in played.calls]
    asks = {"zh": "请问是哪一个？", "en": "Which one, please?"}[played.language]
    steps: list[Step] = [asks] if played.asks else []
    steps += [[call] for call in calls] if played.ordered else [calls] if calls else []
    once = (played.fails or {}).values()
    return [*steps, *([calls] if 1 in once else []), last_words(played)]


def lazy(played: Scenario) -> list[Step]:
    return [SORRY[played.language]]


def hallucinating(played: Scenario) -> list[Step]:
    return [[ToolCall("do_everything", {"now": True})], last_words(played)]


def looping(played: Scenario) -> list[Step]:
    return [[right_call(each, played.language) for each in played.calls[:1]] or [LOST]]


def wrong_types(played: Scenario) -> list[Step]:
    def mistyped(step: Step) -> Step:
        return step if isinstance(step, str) else [*map(as_strings, step)]

    return [mistyped(step) for step in perfect(played)]


LOST = ToolCall("get_weather", {"town": "?"})


def as_strings(call: ToolCall) -> ToolCall:
    """Every number as a text."""
    given = {
        name: str(value) if isinstance(value, int | float) else value
        for name, value in call.arguments.items()
    }
    return ToolCall(call.name, given)


def right_call(expected: ExpectedCall, language: str) -> ToolCall:
    given = {
        name: in_words(accepted, language)
        for name, accepted in expected.arguments.items()
        if accepted[0] != LEFT_OUT
    }
    return ToolCall(expected.name, given)


def in_words(accepted: Sequence[Any], language: str) -> Any:
    """An accepted value, in the language of the scenario where there are two."""
    value = accepted[0]
    if isinstance(value, dict):
        return " ".join(spoken(words, language) for words in value["contains"])
    if value in ("en", "zh"):
        return "en" if language == "zh" else "zh"
    texts = [each for each in accepted if isinstance(each, str) and each]
    return spoken(texts, language) if len(texts) == len(accepted) > 1 else value


def spoken(words: Sequence[str], language: str) -> str:
    """The first wording in the language, else the first."""
    chinese = [word for word in words if re.search("[\u4e00-\u9fff]", word)]
    english = [word for word in words if word not in chinese]
    return [*(chinese if language == "zh" else english), *words][0]


def last_words(played: Scenario) -> str:
    said = " ".join(spoken(words, played.language) for words in played.says)
    return (
        f"好的，已经全部办好了，这是您要的结果：{said}。如果还有别的需要，请随时告诉我。"
        if played.language == "zh"
        else f"All is done, and this is what you wanted to know: {said}. Tell me if you need more."
    )


@dataclass(frozen=True)
class Playing:
    """A stub's reply: what the player says next, written in a protocol by `write`."""

    player: Player
    write: Callable[[Step], Reply]

    def __call__(self, body: Body) -> Reply:
        if (played := scenario_of(body)) is None:
            return Reply("Hello.")
        steps = self.player(played)
        turn = sum(message["role"] == "assistant" for message in body["messages"])
        return self.write(steps[min(turn, len(steps) - 1)])


def scenario_of(body: Body) -> Scenario | None:
    first = next(m["content"] for m in body["messages"] if m["role"] == "user")
    fit = (each for each in SCENARIOS if first.endswith(each.user))
    return max(fit, key=lambda each: len(each.user), default=None)


def in_tools(step: Step) -> Reply:
    if isinstance(step, str):
        return Reply(step)
    calls = [
        {
            "id": f"c{number}",
            "type": "function",
            "function": {"name": call.name, "arguments": json.dumps(call.arguments)},
        }
        for number, call in enumerate(step)
    ]
    return Reply("", tool_calls=calls)


def in_react(step: Step) -> Reply:
    said = f"Thought: done\nFinal Answer: {step}" if isinstance(step, str) else None
    return Reply(said or f"Thought: next\n{as_react(step)}")


def in_json_form(step: Step) -> Reply:
    return Reply(step if isinstance(step, str) else as_json(step))


def in_text(step: Step) -> Reply:
    return Reply(step if isinstance(step, str) else as_text(step))


WRITERS = {"tools": in_tools, "react": in_react, "json": in_json_form, "text": in_text}
WIDE = str.maketrans('[]{}(),:="', "［］｛｝（），：＝＂")


def full_width(protocol: str) -> Callable[[Step], Reply]:
    """The protocol's form with the punctuation of a Chinese keyboard."""

    def write(step: Step) -> Reply:
        if isinstance(step, str):
            return WRITERS[protocol](step)
        if protocol == "tools":
            reply = in_tools(step)
            for call in reply.tool_calls:
                call["function"]["arguments"] = wide(call["function"]["arguments"])
            return reply
        if protocol == "react":
            return Reply("\n".join(wide_input(line) for line in in_react(step).text.split("\n")))
        return Reply(wide(WRITERS[protocol](step).text))

    return write


def wide_input(line: str) -> str:
    label, colon, given = line.partition("Input: ")
    return f"{label}Input：{wide(given)}" if colon else line.replace(": ", "：")


def wide(text: str) -> str:
    """Its punctuation full-width outside of what is quoted, as a model of habit writes it."""
    parts = re.split(r'("(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\')', text)
    return "".join(
        f"“{part[1:-1]}”" if i % 2 else part.translate(WIDE) for i, part in enumerate(parts)
    )
