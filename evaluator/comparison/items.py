"""Single questions that a model forgot or learned, with both replies."""

from collections.abc import Mapping
from typing import Any

from evaluator.comparison.causes import Cause, Replies
from evaluator.comparison.pairing import Pair, Paired
from evaluator.report.escaping import harmless

MARKED = 0.2  # share of the scale by which a reply must be worse to count as forgotten
LONGEST = 600  # characters of a reply that are kept: its beginning and, for the answer, its end
TAIL = 350


def marked(pair: Pair, span: float) -> bool:
    """Whether the replies of a pair differ enough to be shown: always where one is wrong."""
    return abs(pair.difference) >= MARKED * span


def item(
    pair: Pair, made: Paired, why: Cause, base: Replies, other: Replies, asked: str
) -> dict[str, Any]:
    """One question as it was asked: what both said to it, and what it was worth."""
    place = made.benchmark, pair.id
    return {
        "benchmark": made.benchmark,
        "id": pair.id,
        "group": pair.group,
        "question": shortened(harmless(asked)),
        "target": pair.base["target"],
        "change": pair.difference / made.span,  # a share of the scale
        "cause": why,
        "base": side(pair.base, base.get(place, {})),
        "other": side(pair.other, other.get(place, {})),
    }


def side(outcome: Mapping[str, Any], reply: Mapping[str, Any]) -> dict[str, Any]:
    """One model's reply and what was read in it."""
    return {
        "value": outcome["value"],
        "answer": outcome["answer"],
        "status": outcome["status"],
        "reply": shortened(harmless(reply.get("text", ""))),
    }


def shortened(text: str) -> str:
    """A long text without its middle."""
    if len(text) <= LONGEST:
        return text
    left_out = len(text) - LONGEST
    return f"{text[: LONGEST - TAIL]} [... {left_out} characters ...] {text[-TAIL:]}"
