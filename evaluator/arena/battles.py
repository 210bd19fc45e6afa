"""Which battles there are, and how one is judged: in both orders, disagreement being a tie."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from hashlib import blake2b
from itertools import combinations
from typing import Literal

import orjson

from evaluator.arena.recorded import Conversation, Question
from evaluator.errors import UsageError
from evaluator.judging.escaping import fenced, filled
from evaluator.judging.judged import JudgedSolve, requires
from evaluator.judging.panel import Panel, Verdict, gather_both
from evaluator.judging.verdict_reader import preference
from evaluator.prompts import render
from evaluator.types import Ask, Benchmark, Sample, Score

Answers = Mapping[str, Mapping[Question, Conversation]]  # by player and question
Preference = Literal["A", "B", "tie"]
Verdicts = Mapping[str, Verdict[Preference]]  # by judge
Pair = tuple[str, str]  # two players, in the order of their names
TIE = "tie"
SCHEMA = {
    "type": "object",
    "properties": {"verdict": {"type": "string", "enum": ["[[A]]", "[[B]]", "[[C]]"]}},
    "required": ["verdict"],
    "additionalProperties": False,
}
AGREED: Mapping[tuple[str | None, str | None], float] = {
    ("A", "B"): 1.0,
    ("B", "A"): 0.0,
    ("tie", "tie"): 0.5,
}  # what the first player gets


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
            "reference": one.reference,
        },
        target="\n\n".join(one.reference),
        group=" vs ".join(pair),
    )


async def solve(sample: Sample, ask: Ask, panel: Panel) -> Score:
    """What the first player gets from the judges: 1 for better, 0 for worse, 0.5 for a tie.

    No dimensions where the answers are the same, and nobody was asked.  Raises Unjudged.
    """
    one, other = sample.fields["answers"]
    if one == other:
        return Score(0.5, TIE, "the same answer")
    orders = await gather_both(
        verdicts(sample, one, other, ask, panel), verdicts(sample, other, one, ask, panel)
    )
    return scored(sample.fields["players"], orders, panel)


async def verdicts(
    sample: Sample, first: Sequence[str], second: Sequence[str], ask: Ask, panel: Panel
) -> Verdicts:
    """Each judge's preference between two answers, shown in this order.  Raises Unjudged."""
    prompt = judge_prompt(sample, first, second, panel.prompt)
    shown = "\n\n".join((*first, *second))
    return await panel.verdicts(
        ask, prompt, lambda text: read(text, shown), SCHEMA, render("arena/repair")
    )


def read(text: str, answers: str | None = None) -> Preference | None:
    """[[A]], or {"verdict": "[[A]]"} in whatever spacing, as a repair held to the schema has it.

    `answers` are the two that were judged, if they are known.
    """
    if (value := preference(text, answers)) is not None:
        return value
    with suppress(ValueError, LookupError, TypeError):
        return preference(str(orjson.loads(text)["verdict"]))
    return None


def judge_prompt(
    sample: Sample, first: Sequence[str], second: Sequence[str], template: str = ""
) -> str:
    """What a judge is asked; a template of the user's own takes the fields by their names."""
    reference = sample.fields["reference"]
    given = {
        "question": turns(sample.fields["asked"]),
        "reference": render("arena/reference", reference=turns(reference)) if reference else "",
        "answer_a": turns(first),
        "answer_b": turns(second),
    }
    return filled(template, given) if template else render("arena/battle", **given)


def scored(players: Pair, orders: Sequence[Verdicts], panel: Panel) -> Score:
    """The score from the verdicts on the first player's answer shown first, then second.

    `dimensions`: whether the two orders agreed, and the share of verdicts for either place.
    """
    said = {name: (orders[0][name].value, orders[1][name].value) for name in orders[0]}
    values = {name: AGREED.get(pair, 0.5) for name, pair in said.items()}
    value = panel.pooled(list(values.values()))
    words = [word for pair in said.values() for word in pair]
    every = [verdict for order in orders for verdict in order.values()]
    return Score(
        value,
        players[0] if value > 0.5 else players[1] if value < 0.5 else TIE,
        ", ".join(f"{first} then {second}" for first, second in said.values()),
        {
            "agreed": sum(pair in AGREED for pair in said.values()) / len(said),
            "first": words.count("A") / len(words),
            "second": words.count("B") / len(words),
            "repaired": float(any(verdict.repaired for verdict in every)),
        },
    )


def turns(texts: Sequence[str]) -> str:
    """What one side said, fenced; numbered where there were several turns."""
    if len(texts) == 1:
        return fenced(texts[0])
    return "\n\n".join(f"Turn {n}:\n{fenced(text)}" for n, text in enumerate(texts, 1))


def _shuffled(sample: Sample) -> bytes:
    return blake2b(sample.id.encode(), digest_size=8).digest()


JUDGED = JudgedSolve(
    solve, "prompts/arena/battle.txt", requires("question", "answer_a", "answer_b")
)
# The arena as a benchmark: its samples are battles, and only judges are asked.
ARENA = Benchmark(
    name="arena",
    title="Arena",
    dataset="recorded answers",
    load=lambda rows, shots: (),
    solve=JUDGED,
    metric="points of the first-named",
    roles=("judge", "judge"),
    paper="https://arxiv.org/abs/2306.05685",
)
