"""What many prompts begin with, found as they come, so that it is written once."""

from collections import deque
from dataclasses import dataclass, field
from typing import Any

import orjson

from evaluator.digest import content_digest
from evaluator.types import Message

WORTH = 256  # characters that prompts must have in common to be written once
REMEMBERED = 8  # heads of a benchmark: of the subjects that are being asked
JsonLine = dict[str, Any]


@dataclass(slots=True)
class Heads:
    """What a benchmark's prompts to one role begin with; new ones become `lines` to write."""

    benchmark: str
    lines: list[JsonLine]
    _texts: deque[tuple[str, str]] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    _turns: deque[tuple[str, list[Message]]] = field(
        default_factory=lambda: deque(maxlen=REMEMBERED)
    )
    _last_text: str = ""
    _last_turns: list[Message] = field(default_factory=list)

    def messages(self, given: list[Message]) -> list[Any]:
        """The messages, without those that many prompts begin with."""
        if len(given) == 1:  # by far the most
            return [self._turn(given[0])]
        known = next((each for each in self._turns if given[: len(each[1])] == each[1]), None)
        known = known or self._new_turns(given)
        self._last_turns = given
        if known is None:
            return [self._turn(turn) for turn in given]
        return [{"head": known[0]}, *map(self._turn, given[len(known[1]) :])]

    def _turn(self, turn: Message) -> Message:
        """A message; its own content is left as it is."""
        text = self.text(turn["content"])
        return turn if text is turn["content"] else {**turn, "content": text}

    def _new_turns(self, given: list[Message]) -> tuple[str, list[Message]] | None:
        count = 0
        for one, other in zip(given[:-1], self._last_turns, strict=False):
            if one != other:
                break
            count += 1
        shared = given[:count]
        if sum(len(str(turn["content"])) for turn in shared) < WORTH:
            return None
        name = self._write({"messages": shared})
        self._turns.appendleft((name, shared))
        return name, shared

    def text(self, given: Any) -> Any:
        """The text, without what many begin with."""
        if not isinstance(given, str) or len(given) < WORTH:
            return given
        known = "", ""
        for each in self._texts:
            if len(each[1]) > len(known[1]) and given.startswith(each[1]):
                known = each
        at, last = len(known[1]), self._last_text
        self._last_text = given
        if given[at : at + WORTH] == last[at : at + WORTH] and len(given) > at + WORTH:
            head = given[: common(given, last)]
            head = head[: head.rfind("\n") + 1] or head  # whole lines are easier to read
            if len(head) >= at + WORTH:
                known = self._write({"text": head}), head
                self._texts.appendleft(known)
        return {"head": known[0], "text": given[len(known[1]) :]} if known[0] else given

    def _write(self, what: JsonLine) -> str:
        """Keeps the line of a head, and returns its name."""
        name = content_digest(orjson.dumps(what), 4)
        self.lines.append({"benchmark": self.benchmark, "head": name, **what})
        return name


def common(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
