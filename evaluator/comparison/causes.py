"""Why a pair differs: a split of a difference into parts that add up to it.

Each pair has one cause: the first failure below that one of its replies shows and the other does
not. A pair without such a failure differs in knowledge. The part of a cause is the sum of its
pairs' differences over the number of all pairs. So the parts add up to the difference, and change
sign when the runs are swapped.

truncation  the reply was cut off before an answer could be read; where no single answer is
            expected: cut off at all
refusal     the model declined (dimension `refused`)
language    a Chinese question was not answered in Chinese: dimension `in_chinese`; without it, an
            unparsed reply to a Chinese benchmark
format      the reply is complete, and no answer could be read in it
no answer   tools: the model never came to an answer (dimension `no_answer`)
tool        tools: an expected call is missing (`tool`); in a faulty form, that is the cause
arguments   tools: an argument is wrong (`arguments`)
needless    tools: calls that nothing asked for (`needless_calls`)
knowledge   both replies were read, or both failed in the same way

An answer that was read counts as knowledge in whatever form it stood, because extraction is
tolerant. The cost of the form alone is the difference in the dimension `strict`. Of a sample's
repeats, at least half must fail.
"""

from collections.abc import Iterable, Mapping

from evaluator.comparison.pairing import BenchmarkPairs, SamplePair
from evaluator.extract.language import answered_in_chinese
from evaluator.locale import labels
from evaluator.results.benchmark_comparison import Cause
from evaluator.results.names import (
    ARGUMENTS,
    CUT_OFF,
    IN_CHINESE,
    IN_FORMAT,
    NEEDLESS_CALLS,
    NO_ANSWER,
    REFUSED,
    TOOL,
    UNREAD,
)
from evaluator.results.outcomes import OutcomeRecord
from evaluator.types import Response

CAUSES: tuple[Cause, ...] = ("knowledge", "format", "truncation", "refusal", "language")
OF_TOOLS: tuple[Cause, ...] = ("no answer", "tool", "arguments", "needless calls")
FAILURES: tuple[Cause, ...] = (  # the first match counts
    *("truncation", "refusal", "language", "format"),
    *OF_TOOLS,
)
CAUSE_WORDS: Mapping[Cause, str] = dict(
    zip(
        (*CAUSES, *OF_TOOLS),
        (
            *labels("knowledge", "format", "truncation", "refusal", "language"),
            *labels("no answer", "tool", "arguments", "needless calls"),
        ),
        strict=True,
    )
)
SampleKey = tuple[str, str]  # benchmark and sample id
ModelReplies = Mapping[SampleKey, Response]  # the model's last reply to each sample
NO_REPLY = Response(key="", text="")
MOST = 0.5  # share of a sample's repeats from which on a failure is the sample's


def cause(
    pair: SamplePair,
    benchmark: BenchmarkPairs,
    base_replies: ModelReplies,
    other_replies: ModelReplies,
) -> Cause:
    """Why the two replies of a pair have different values."""
    key, info = (benchmark.name, pair.id), benchmark.info
    base = failures(pair.base, base_replies.get(key, NO_REPLY), info.language)
    other = failures(pair.other, other_replies.get(key, NO_REPLY), info.language)
    return next((each for each in FAILURES if base[each] != other[each]), "knowledge")


def failures(outcome: OutcomeRecord, reply: Response, language: str) -> dict[Cause, bool]:
    """Which failures a reply shows, whatever it says; `language` is the benchmark's."""
    dimensions = outcome.dimensions
    if NO_ANSWER in dimensions:
        return failures_with_tools(dimensions, outcome.status == "truncated")
    unparsed = dimensions.get(UNREAD, float(outcome.answer is None)) >= MOST
    # Where one answer is expected and was read, a cut after it does not matter.
    cut_matters = unparsed or IN_FORMAT not in dimensions
    cut_off = dimensions.get(CUT_OFF, float(reply.finish_reason == "length"))
    truncated = outcome.status == "truncated" or (cut_matters and cut_off >= MOST)
    chinese = dimensions.get(IN_CHINESE)
    if chinese is None and unparsed and language == "zh":
        chinese = answered_in_chinese(reply.text)
    return {
        "truncation": truncated,
        "refusal": dimensions.get(REFUSED, 0.0) >= MOST,
        "language": chinese is not None and chinese < MOST,
        "format": unparsed and not truncated,
        **dict.fromkeys(OF_TOOLS, False),
    }


def failures_with_tools(dimensions: Mapping[str, float], truncated: bool) -> dict[Cause, bool]:
    """Those of a dialogue with tools, whose value the language of its answer does not change."""
    missing = dimensions.get(TOOL, 1.0) < 1.0
    return {
        "truncation": truncated,
        "refusal": False,
        "language": False,
        "format": missing and dimensions.get(IN_FORMAT, 1.0) < MOST,
        "no answer": dimensions[NO_ANSWER] >= MOST,
        "tool": missing,
        "arguments": dimensions.get(ARGUMENTS, 1.0) < 1.0,
        "needless calls": dimensions.get(NEEDLESS_CALLS, 0.0) > 0.0,
    }


def split_by_cause(differences: Iterable[tuple[float, Cause]]) -> dict[Cause, float]:
    """The mean difference, split by cause; of the causes of tools only those that there are."""
    sums: dict[Cause, float] = dict.fromkeys(CAUSES, 0.0)
    n = 0
    for difference, why in differences:
        sums[why] = sums.get(why, 0.0) + difference
        n += 1
    return {why: total / n for why, total in sums.items()}
