"""Why a pair differs: an additive split of a difference, one cause for each pair.

A pair's cause is the first lapse below that one of its replies has and the other has not; a pair
without one differs in knowledge. The part of a cause is the sum of its pairs' differences over the
number of all pairs, so the parts add up to the difference, and swap sign when the runs are swapped.

truncation  cut off before an answer could be read, or where no single answer is read: cut off
refusal     the model declined (dimension `refused`)
language    a Chinese question not answered in Chinese: dimension `in_chinese`; without that, an
            unread reply to a Chinese benchmark
format      complete, and no answer could be read in it
knowledge   both answered, or both failed in the same way

An answer that was read counts as knowledge in whatever form it stood: readers are tolerant, and
what the form alone cost is the difference in `strict`, shown beside. Of repeats, most must lapse.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from evaluator.comparison.pairing import Pair, Paired, Record
from evaluator.extract.language import answered_in_chinese

Cause = Literal["knowledge", "format", "truncation", "refusal", "language"]
CAUSES: tuple[Cause, ...] = ("knowledge", "format", "truncation", "refusal", "language")
LAPSES: tuple[Cause, ...] = ("truncation", "refusal", "language", "format")  # the first one counts
Replies = Mapping[tuple[str, str], Mapping[str, Any]]  # model's, by benchmark and sample id
MOST = 0.5  # of a sample's repeats, from which on a lapse is the sample's


def cause(pair: Pair, made: Paired, base: Replies, other: Replies) -> Cause:
    """Why the two replies of a pair are worth what they are."""
    place = made.benchmark, pair.id
    ours = lapses(pair.base, base.get(place, {}), made)
    theirs = lapses(pair.other, other.get(place, {}), made)
    return next((lapse for lapse in LAPSES if ours[lapse] != theirs[lapse]), "knowledge")


def lapses(outcome: Record, reply: Mapping[str, Any], made: Paired) -> dict[Cause, bool]:
    """What went wrong with a reply besides what it says."""
    dimensions = outcome["dimensions"]
    unread = dimensions.get("unread", float(outcome["answer"] is None)) >= MOST
    # Where one answer is asked for and was read, it does not matter what was cut off after it.
    matters = unread or "in_format" not in dimensions
    ended = dimensions.get("cut_off", float(reply.get("finish_reason") == "length"))
    cut = outcome["status"] == "truncated" or (matters and ended >= MOST)
    chinese = dimensions.get("in_chinese")
    if chinese is None and unread and made.about.get("language") == "zh":
        chinese = answered_in_chinese(reply.get("text", ""))
    return {
        "truncation": cut,
        "refusal": dimensions.get("refused", 0.0) >= MOST,
        "language": chinese is not None and chinese < MOST,
        "format": unread and not cut,
    }


def parts(differences: Iterable[tuple[float, Cause]]) -> dict[str, float]:
    """The mean difference, split by cause."""
    sums: dict[str, float] = dict.fromkeys(CAUSES, 0.0)
    n = 0
    for difference, why in differences:
        sums[why] += difference
        n += 1
    return {why: total / n for why, total in sums.items()}
