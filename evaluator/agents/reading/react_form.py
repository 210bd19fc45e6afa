"""Calls as ReAct writes them: lines of Thought, Action, Action Input and Final Answer.

Labels are read in English and in Chinese, with either colon. What a model writes from its own
"Observation" on is no part of its turn.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from evaluator.agents.calls import Arguments, ToolCall
from evaluator.agents.reading.json_form import NO_OBJECT
from evaluator.agents.reading.literals import BROKEN, Faults, UnreadableValue, balanced, value

OWN_OBSERVATION, NO_INPUT = "an observation of its own", "an action without its input"
NO_ANSWER = "neither an action nor a final answer"
LABELS = {
    "thought": ("Thought", "思考", "想法"),
    "input": ("Action Input", "行动输入", "动作输入", "行动参数", "动作参数"),
    "action": ("Action", "行动", "动作"),
    "observation": ("Observation", "观察", "观察结果", "观测"),
    "answer": ("Final Answer", "最终答案", "最终回答", "最终答复"),
}
NO_TOOL = {"none", "n/a", "无", "不需要", "no action", "final answer", "最终答案", ""}
_KIND = {word.lower(): kind for kind, words in LABELS.items() for word in words}
_LABEL = re.compile(
    rf"^[ \t]*[*#>]*[ \t]*(?P<label>{'|'.join(sorted(_KIND, key=len, reverse=True))})"
    r"[ \t]*\d{0,2}[ \t]*\**[ \t]*[:：][ \t]*\**",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class LabelledPart:
    """What stands behind a label, up to the next one."""

    kind: str
    text: str


def parts(text: str) -> Iterator[LabelledPart]:
    """The parts of a reply, the first without a label."""
    kind, start = "", 0
    for found in _LABEL.finditer(text):
        yield LabelledPart(kind, text[start : found.start()].strip())
        kind, start = _KIND[found["label"].lower()], found.end()
    yield LabelledPart(kind, text[start:].strip())


def calls_in(text: str, faults: Faults) -> tuple[list[ToolCall], str]:
    """The calls of a reply, and what it says to the user: the final answer, else its thoughts."""
    calls, name, said, thoughts = list[ToolCall](), "", list[str](), list[str]()
    for part in parts(text):
        if part.kind == "observation":
            if part.text:
                faults.add(OWN_OBSERVATION)
            break
        if part.kind == "action":
            name = part.text.strip("`*\"'“”[]【】 \n")
        elif part.kind == "input" and name.lower() not in NO_TOOL:
            calls.append(ToolCall(name, arguments(part.text, faults)))
            name = ""
        elif part.kind in ("answer", "input"):
            said.append(part.text)
        else:
            thoughts.append(part.text)
    if name.lower() not in NO_TOOL:
        faults.add(NO_INPUT)
        calls.append(ToolCall(name, {}))
    return calls, "\n".join(filter(None, said or thoughts))


def arguments(text: str, faults: Faults) -> Arguments:
    """The object behind "Action Input"; words behind it are let go."""
    begin = next((at for at, sign in enumerate(text) if sign in "{｛"), None)
    if begin is None:
        if text.strip().lower() not in NO_TOOL:
            faults.add(NO_OBJECT)
        return {}
    try:
        found = value(text[begin : balanced(text, begin) or len(text)], faults)
    except UnreadableValue as error:
        faults.add(str(error) or BROKEN)
        return {}
    return found if isinstance(found, dict) else {}
