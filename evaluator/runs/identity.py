"""Which model a run measured, and whether another one answers to its name now.

A name says little: a server may be started with other weights under the same name. So a run notes
what the endpoint says of the model behind the name, the files of its weights where they can be
seen from here, and how it replies to five short questions at temperature 0.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import orjson

from evaluator.digest import content_digest
from evaluator.locale import filled
from evaluator.results.identity import FACTS, Identity, Weights

QUESTIONS = (
    "Say in one sentence who you are.",
    "用一句话介绍你自己。",
    "Go on with this story: The old clockmaker opened the drawer and found",
    "Name one river, one city and one colour, and nothing else.",
    "Go on with this row of numbers: 3, 8, 15,",
)
WEIGHTS = (".safetensors", ".bin", ".pt", ".pth", ".gguf")
# Mean difference of the likeliest token's logprob, as long as both have said the same. Rounding in
# 16 bits makes hundredths, and training that changes answers makes tenths (docs/runs.md).
DRIFT = 0.1
FEWEST = 5  # logprobs by which drift is told
# How many of the five replies may differ by noise alone: batches, GPUs and versions change the last
# digits of a logit, and so now and then a token. Fewer may where no logprob tells it from training.
OTHER_REPLIES = 2
OTHER_REPLIES_UNTOLD = 1
OTHER_REPLIES_OF_SAME_FILES = 2


def weights(root: str) -> Weights | None:
    """The files of weights in the folder or file `root`; None where there are none to be seen."""
    if not root:
        return None
    path = Path(root).expanduser()
    try:
        files = [path] if path.is_file() else sorted(path.iterdir()) if path.is_dir() else []
        found = {file.name: file.stat() for file in files if file.suffix in WEIGHTS}
    except OSError:
        return None
    if not found:
        return None
    facts = [(name, stat.st_size, stat.st_mtime_ns) for name, stat in found.items()]
    newest = datetime.fromtimestamp(max(stat.st_mtime for stat in found.values()), UTC)
    return Weights(
        len(found),
        sum(stat.st_size for stat in found.values()),
        newest.isoformat(timespec="seconds"),
        content_digest(repr(facts)),
    )


def difference(one: Identity, other: Identity, when: Sequence[str] = ("then", "now")) -> str:
    """What shows that these are two models; empty where nothing does.

    What is known of one of the two only shows nothing. `when` names the two.
    """
    return next(differences(one, other, *when), "")


def differences(one: Identity, other: Identity, then: str, now: str) -> Iterator[str]:
    """Each sign of two models, the plainest first."""
    if bool(one.host) != bool(other.host):  # one provider may have many hosts
        yield f"hosted by {one.host or 'nobody'} {then}, by {other.host or 'nobody'} {now}"
    for name in FACTS:
        ours, theirs = getattr(one, name), getattr(other, name)
        if ours and theirs and ours != theirs:
            yield f"{name} {ours!r} {then}, {theirs!r} {now}"
    if one.weights and other.weights and one.weights.digest != other.weights.digest:
        yield f"{one.weights} {then}, {other.weights} {now}"
    if one.api == other.api:
        yield from other_replies(one, other, then, now)


def other_replies(one: Identity, other: Identity, then: str, now: str) -> Iterator[str]:
    """What the replies show: how many are others, or how far their logprobs are apart."""
    same_files = bool(one.weights and other.weights)
    every = zip(QUESTIONS, one.replies, other.replies, strict=False)
    compared = [each for each in every if None not in each]
    others = [each for each in compared if each[1] != each[2]]
    by = drift(one, other)
    usual = OTHER_REPLIES_OF_SAME_FILES if same_files else OTHER_REPLIES_UNTOLD
    allowed = usual if by is None else OTHER_REPLIES + same_files
    if others and len(others) > min(allowed, len(compared) - 1):
        asked, ours, theirs = others[0]
        of = filled("{n} {n:reply|replies}", {"n": len(compared)})
        yield (
            f"{len(others)} of {of} at temperature 0 are others, "
            f"to {asked!r} {ours!r} {then} and {theirs!r} {now}"
        )
    elif by is not None and by > DRIFT and (not same_files or len(others) > usual):
        yield (
            f"the logprobs of its replies at temperature 0 differ by {by:.2f} on average, "
            f"and {len(others)} of {len(compared)} replies do"
        )


def drift(one: Identity, other: Identity) -> float | None:
    """The mean difference of the likeliest token's logprob where both had said the same so far.

    None where there are too few of them.
    """
    found = []
    for ours, theirs in zip(one.logprobs, other.logprobs, strict=False):
        if not ours or not theirs:
            continue
        for (token, logprob), (other_token, other_logprob) in zip(
            orjson.loads(ours), orjson.loads(theirs), strict=False
        ):
            found.append(abs(logprob - other_logprob))
            if token != other_token:
                break
    return sum(found) / len(found) if len(found) >= FEWEST else None


def comparable(one: Identity, other: Identity) -> bool:
    """Whether most replies can be compared, where there are any of both."""
    if one.api != other.api or not (one.replies and other.replies):
        return True
    pairs = list(zip(one.replies, other.replies, strict=False))
    return 2 * sum(None not in pair for pair in pairs) > len(pairs)
