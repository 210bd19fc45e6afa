"""Which battles there are, and how one is judged: in both orders, disagreement being a tie."""

from asyncio import gather
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from itertools import combinations

from evaluator.arena.recorded import Conversation, Question
from evaluator.extract.ratings import fenced, preference
from evaluator.judging import judge
from evaluator.prompts import render
from evaluator.types import Ask, Sample, Score, Unjudged, UsageError

Answers = Mapping[str, Mapping[Question, Conversation]]  # by player and question
Pair = tuple[str, str]  # two players, in the order of their names
SCHEMA = {
    "type": "object",
    "properties": {"verdict": {"type": "string", "enum": ["[[A]]", "[[B]]", "[[C]]"]}},
    "required": ["verdict"],
    "additionalProperties": False,
}
AGREED = {("A", "B"): 1.0, ("B", "A"): 0.0, ("tie", "tie"): 0.5}  # what the first player gets


def pairs(names: Sequence[str], baseline: str | None = None) -> list[Pair]:
    """All pairs, or those with the baseline; in the order of names, however they were given."""
    every = combinations(sorted(names), 2)
    return [(one, other) for one, other in every if baseline in (None, one, other)]


def battles(pair: Pair, answers: Answers) -> list[Sample]:
    """The pair's battles, over the questions that both answered, in a shuffled but fixed order.

    Raises UsageError where they were asked different questions under one id.
    """
    one, other = answers[pair[0]], answers[pair[1]]
    shared = sorted(one.keys() & other.keys())
    different = [q for q in shared if not same_question(one[q], other[q])]
    if different:
        raise UsageError(
            f"{pair[0]!r} and {pair[1]!r} were asked different questions under the same id, "
            f"{len(different)} of {len(shared)}, such as {'/'.join(different[0])!r}; "
            "run them on the same data, prompts and worked examples"
        )
    return sorted((battle(pair, q, one[q], other[q]) for q in shared), key=_shuffled)


def same_question(one: Conversation, other: Conversation) -> bool:
    return one.asked == other.asked and one.reference == other.reference


def battle(pair: Pair, question: Question, one: Conversation, other: Conversation) -> Sample:
    """One battle.  Its id names both players and the question."""
    return Sample(
        id=f"{' vs '.join(pair)}: {'/'.join(question)}",
        fields={
            "question": question,
            "players": pair,
            "asked": one.asked,
            "answers": (one.said, other.said),
        },
        target=one.reference,
        group=" vs ".join(pair),
    )


async def solve(sample: Sample, ask: Ask) -> Score:
    """What the first player gets: 1 if both orders say it is better, 0 if worse, 0.5 otherwise.

    `dimensions` tell of the two verdicts: whether they agreed, and the share that went to the
    answer shown first and second; none where the answers are the same and nobody was asked.
    """
    one, other = sample.fields["answers"]
    if one == other:
        return Score(0.5, "tie", "the same answer")
    verdicts = await gather(verdict(sample, ask, one, other), verdict(sample, ask, other, one))
    value = AGREED.get(verdicts, 0.5)
    winner = {1.0: sample.fields["players"][0], 0.0: sample.fields["players"][1]}.get(value, "tie")
    dimensions = {
        "agreed": float(verdicts in AGREED),
        "first": verdicts.count("A") / 2,
        "second": verdicts.count("B") / 2,
    }
    return Score(value, winner, " then ".join(verdicts), dimensions)


async def verdict(sample: Sample, ask: Ask, first: Sequence[str], second: Sequence[str]) -> str:
    """The judge's preference between two answers, shown in this order: A, B or tie.

    Raises Unjudged where it cannot be read, even when asked again.
    """
    reference = sample.target and render("arena/reference", reference=fenced(sample.target))
    prompt = render(
        "arena/battle",
        question=turns(sample.fields["asked"]),
        reference=reference,
        first=turns(first),
        second=turns(second),
    )
    said = await judge(ask, prompt, preference, SCHEMA, render("arena/repair"))
    if said.value is None:
        raise Unjudged(f"no verdict of [[A]], [[B]] or [[C]] in {said.text[-80:]!r}")
    return said.value


def turns(texts: Sequence[str]) -> str:
    """What one side said, fenced; numbered where there were several turns."""
    if len(texts) == 1:
        return fenced(texts[0])
    return "\n\n".join(f"Turn {n}:\n{fenced(text)}" for n, text in enumerate(texts, 1))


def _shuffled(sample: Sample) -> bytes:
    return blake2b(sample.id.encode(), digest_size=8).digest()
