"""Why a pair differs: an additive split of a difference, one cause for each pair.

A pair's cause is the first lapse below that one of its replies has and the other has not; a pair
without one differs in knowledge. The part of a cause is the sum of its pairs' differences over the
number of all pairs, so the parts add up to the difference, and swap sign when the runs are swapped.

truncation  cut off before an answer could be read; where replies are rated as a whole, cut off
refusal     the model declined (dimension `refused`)
language    a Chinese question not answered in Chinese: dimension `in_chinese`
format      complete, and no answer could be read in it
knowledge   both answered, or both failed in the same way

An answer that was read counts as knowledge in whatever form it stood: readers are tolerant, and
what the form alone cost is the difference in `strict`, shown beside.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from evaluator.compare.pairing import Pair, Paired, Record

Cause = Literal["knowledge", "format", "truncation", "refusal", "language"]
CAUSES: tuple[Cause, ...] = ("knowledge", "format", "truncation", "refusal", "language")
LAPSES: tuple[Cause, ...] = ("truncation", "refusal", "language", "format")  # the first one counts
Replies = Mapping[tuple[str, str], Mapping[str, Any]]  # model's, by benchmark and sample id


def cause(pair: Pair, made: Paired, base: Replies, other: Replies) -> Cause:
    """Why the two replies of a pair are worth what they are."""
    place = made.benchmark, pair.id
    ours = lapses(pair.base, base.get(place, {}), made)
    theirs = lapses(pair.other, other.get(place, {}), made)
    return next((lapse for lapse in LAPSES if ours[lapse] != theirs[lapse]), "knowledge")


def lapses(outcome: Record, reply: Mapping[str, Any], made: Paired) -> dict[Cause, bool]:
    """What went wrong with a reply besides what it says."""
    cut = made.rated and reply.get("finish_reason") == "length"
    chinese = outcome["dimensions"].get("in_chinese")
    return {
        "truncation": outcome["status"] == "truncated" or cut,
        "refusal": outcome["dimensions"].get("refused", 0.0) >= 0.5,
        "language": chinese is not None and chinese < 0.5,
        "format": outcome["status"] == "unparsed",
    }


def parts(differences: Iterable[tuple[float, Cause]]) -> dict[str, float]:
    """The mean difference, split by cause."""
    sums: dict[str, float] = dict.fromkeys(CAUSES, 0.0)
    n = 0
    for difference, why in differences:
        sums[why] += difference
        n += 1
    return {why: total / n for why, total in sums.items()}
