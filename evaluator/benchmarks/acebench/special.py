"""ACEBench's special categories: a request that lacks a value, holds a wrong one, or fits no tool.

The official check looks for three sentences that its prompt dictates, and for names in them.
"""

from collections.abc import Iterable
from typing import Any

from evaluator.benchmarks.acebench.content import names_all, says_cannot

INCOMPLETE, WRONG_VALUE = "special_incomplete", "special_error_param"
IRRELEVANT = "special_irrelevant"
SAID = {  # the part of each dictated sentence that the official check looks for
    INCOMPLETE: "Missing necessary parameters",
    WRONG_VALUE: "There is incorrect value",
    IRRELEVANT: "the limitations of the function",
}


def officially_right(category: str, truth: Any, text: str) -> bool:
    """Whether the reply holds the dictated sentence, and names what it must."""
    if SAID[category] not in text:
        return False
    named = [] if category == IRRELEVANT else _values(truth)
    tools = list(truth) if category == INCOMPLETE else []
    return all(str(each) in text for each in (*tools, *named))


def rightly_said(category: str, truth: Any, text: str) -> bool:
    """Whether a reply without a call says what is wrong, in words of its own."""
    if category == IRRELEVANT:
        return says_cannot(text)
    return names_all(text, _values(truth))


def dictated(text: str) -> str | None:
    """Which of the dictated sentences the reply holds; None where it holds none."""
    return next((sentence for sentence in SAID.values() if sentence in text), None)


def told(category: str, truth: Any) -> str:
    """The reply that the prompt asks for."""
    if category == IRRELEVANT:
        return '["Due to the limitations of the function, I cannot solve this problem."]'
    if category == INCOMPLETE:
        sentences = (
            f"Missing necessary parameters ({', '.join(map(str, missing))}) for the api ({tool})"
            for tool, missing in truth.items()
        )
    else:
        sentences = (
            f"There is incorrect value ({', '.join(map(str, values))}) for the parameters ({name}) "
            "in the conversation history."
            for name, values in truth.items()
        )
    return f'["{" ".join(sentences)}"]'


def _values(truth: Any) -> Iterable[Any]:
    return [value for values in truth.values() for value in values]
