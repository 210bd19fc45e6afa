"""What readers of all protocols share: a reply's own words, and the marks around its calls."""

import re
from collections.abc import Iterator

from evaluator.agents.reading.literals import TOO_LONG, Faults, balanced
from evaluator.extract.cleaning import strip_thinking

FENCE, TAGS, WORDS = "a code fence", "tags around the calls", "words beside the calls"
LONGEST_REPLY = 50_000  # characters that are searched for calls
MOST_PLACES = 20  # where a call may begin that are looked at
_FENCE = re.compile(r"```[\w+-]*[ \t]*\n?")
_TAG = re.compile(
    r"</?(?:tool_calls?|function_calls?|functioncall|tools?_use)>"
    r"|\[/?TOOL_CALLS?\]|<\|(?:python_tag|tool_calls?|plugin|action_start|action_end)\|>"
)


def words(text: str, faults: Faults) -> str:
    """The reply without thinking, fences and tags, which are faults where calls stand in them."""
    text = strip_thinking(text).strip()
    if len(text) > LONGEST_REPLY:
        faults.add(TOO_LONG)
    text = text[:LONGEST_REPLY]
    for mark, fault in ((_TAG, TAGS), (_FENCE, FENCE)):
        unmarked = mark.sub("\n" if mark is _FENCE else "", text)
        if unmarked != text:
            faults.add(fault)
        text = unmarked
    return text.strip()


def bracketed(text: str, opening: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """Places that begin as `opening` says and are closed again, none within another."""
    end = 0
    for looked, found in enumerate(opening.finditer(text)):
        if looked == MOST_PLACES:
            return
        bracket = found.end() - 1 if "bracket" in found.re.groupindex else found.start()
        if found.start() >= end and (closed := balanced(text, bracket)):
            end = closed
            yield found.start(), end
