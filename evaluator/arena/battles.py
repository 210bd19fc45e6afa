"""Which battles there are, and how one is judged: in both orders, disagreement being a tie."""

from asyncio import gather
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from hashlib import blake2b
from itertools import combinations

from evaluator.arena.recorded import Conversation, Question
from evaluator.extract.ratings import fenced, preference
from evaluator.judging import judge
from evaluator.prompts import render
from evaluator.types import Ask, Benchmark, Judging, Sample, Score, Unjudged, UsageError

Answers = Mapping[str, Mapping[Question, Conversation]]  # by player and question
Pair = tuple[str, str]  # two players, in the order of their names
TIE = "tie"
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


async def solve(judging: Judging, sample: Sample, ask: Ask) -> Score:
    """What the first player gets, the judges' mean: 1 for better, 0 for worse, 0.5 for a tie.

    `dimensions` tell of the verdicts: whether the orders agreed, and the share that went to the
    answer shown first and second; none where the answers are the same and nobody was asked.
    """
    one, other = sample.fields["answers"]
    if one == other:
        return Score(0.5, TIE, "the same answer")
    verdicts = await gather(
        *(
            gather(
                verdict(judging, role, sample, ask, one, other),
                verdict(judging, role, sample, ask, other, one),
            )
            for role in judging.judges
        )
    )
    return scored(sample.fields["players"], [(first, second) for first, second in verdicts])


def scored(players: Pair, verdicts: Sequence[tuple[str, str]]) -> Score:
    """The score from each judge's verdicts in both orders."""
    n = len(verdicts)
    value = sum(AGREED.get(both, 0.5) for both in verdicts) / n
    said = [each for both in verdicts for each in both]
    return Score(
        value,
        players[0] if value > 0.5 else players[1] if value < 0.5 else TIE,
        ", ".join(" then ".join(both) for both in verdicts),
        {
            "agreed": sum(both in AGREED for both in verdicts) / n,
            "first": said.count("A") / (2 * n),
            "second": said.count("B") / (2 * n),
        },
    )


async def verdict(
    judging: Judging,
    role: str,
    sample: Sample,
    ask: Ask,
    first: Sequence[str],
    second: Sequence[str],
) -> str:
    """A judge's preference between two answers, shown in this order: A, B or tie.

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
    repair = render("arena/repair")
    said = await judge(ask, prompt, preference, SCHEMA, repair, role, **judging.params)
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


def judged_by(judging: Judging) -> Benchmark:
    """The arena as a benchmark: its samples are battles, and only judges are asked."""
    roles = [role for role in judging.judges for _ in range(2)]
    return replace(ARENA, solve=partial(solve, judging), roles=roles)


ARENA = Benchmark(
    name="arena",
    title="Arena",
    dataset="recorded answers",
    load=lambda rows, shots: (),
    solve=partial(solve, Judging()),
    metric="points of the first-named",
    paper="https://arxiv.org/abs/2306.05685",
)
