"""Single questions that a model forgot or learned, with both replies."""

from evaluator.comparison.causes import NO_REPLY, ModelReplies
from evaluator.comparison.pairing import BenchmarkPairs, SamplePair
from evaluator.report.escaping import harmless
from evaluator.results.benchmark_comparison import Cause, ItemChange, ItemReply
from evaluator.results.outcomes import OutcomeRecord
from evaluator.types import Response

LARGE = 0.2  # share of the scale by which a reply must be worse to count as forgotten
LONGEST = 600  # characters of a reply that are kept: its beginning and, for the answer, its end
TAIL = 350


def changed_largely(pair: SamplePair, span: float) -> bool:
    """Whether the two values differ enough for the question to be listed.

    Of right and wrong every change is enough; `span` is the width of the scale.
    """
    return abs(pair.difference) >= LARGE * span


def item_change(
    pair: SamplePair,
    benchmark: BenchmarkPairs,
    cause: Cause,
    replies: tuple[ModelReplies, ModelReplies],
    question: str,
) -> ItemChange:
    """One question with both replies, the base's first, and what they were worth."""
    base, other = (each.get((benchmark.name, pair.id), NO_REPLY) for each in replies)
    return ItemChange(
        benchmark=benchmark.name,
        id=pair.id,
        group=pair.group,
        question=shortened(harmless(question)),
        target=pair.base.target,
        change=pair.difference / benchmark.span,
        cause=cause,
        base=item_reply(pair.base, pair.base_value, base),
        other=item_reply(pair.other, pair.other_value, other),
    )


def item_reply(outcome: OutcomeRecord, value: float, reply: Response) -> ItemReply:
    """One model's reply and what was read in it."""
    return ItemReply(
        value=value,
        answer=outcome.answer,
        status=outcome.status,
        reply=shortened(harmless(reply.text)),
    )


def shortened(text: str) -> str:
    """A long text without its middle."""
    if len(text) <= LONGEST:
        return text
    left_out = len(text) - LONGEST
    return f"{text[: LONGEST - TAIL]} [... {left_out} characters ...] {text[-TAIL:]}"
