"""The battles of two players, each judged in both orders; orders that disagree make a tie."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import combinations
from typing import Literal

import orjson

from evaluator.arena.players import QuestionKey
from evaluator.arena.recorded import Conversation
from evaluator.digest import shuffle_key
from evaluator.errors import UsageError, gather_both
from evaluator.judging.escaping import fenced, filled
from evaluator.judging.judged import JudgedSolve, requires
from evaluator.judging.panel import Panel, Verdict, object_schema
from evaluator.judging.verdict_reader import preference
from evaluator.locale import N_
from evaluator.prompts import render
from evaluator.results.names import REPAIRED
from evaluator.types import Ask, Benchmark, Sample, Score

Answers = Mapping[str, Mapping[QuestionKey, Conversation]]  # by player and question
Preference = Literal["A", "B", "tie"]
Preferences = Mapping[str, Verdict[Preference]]  # by judge
PlayerPair = tuple[str, str]  # in the order of their names
TIE = "tie"
SCHEMA = object_schema({"verdict": {"type": "string", "enum": ["[[A]]", "[[B]]", "[[C]]"]}})
AGREEMENT: Mapping[tuple[str | None, str | None], float] = {
    ("A", "B"): 1.0,
    ("B", "A"): 0.0,
    ("tie", "tie"): 0.5,
}  # verdicts in the two orders that agree: the first player's points


def player_pairs(names: Sequence[str], baseline: str | None = None) -> list[PlayerPair]:
    """All pairs of players, or those with the baseline, in alphabetical order."""
    every = combinations(sorted(names), 2)
    return [(one, other) for one, other in every if baseline in (None, one, other)]


def battles(pair: PlayerPair, answers: Answers) -> list[Sample]:
    """The pair's battles over the questions that both answered, in a shuffled but fixed order.

    Raises UsageError where they were asked different questions under one id.
    """
    one, other = answers[pair[0]], answers[pair[1]]
    shared = sorted(one.keys() & other.keys())
    different = [q for q in shared if not same_question(one[q], other[q])]
    if different:
        raise UsageError(
            N_(
                "{first!r} and {second!r} were asked different questions under the same id, "
                "{count} of {shared}, such as {example!r}; run them on the same data, prompts "
                "and worked examples",
                first=pair[0],
                second=pair[1],
                count=len(different),
                shared=len(shared),
                example="/".join(different[0]),
            )
        )
    return sorted(
        (battle(pair, q, one[q], other[q]) for q in shared),
        key=lambda sample: shuffle_key(sample.id),
    )


def same_question(one: Conversation, other: Conversation) -> bool:
    return one.asked == other.asked and one.reference == other.reference


def battle(
    pair: PlayerPair, question: QuestionKey, one: Conversation, other: Conversation
) -> Sample:
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
    """The first player's points: 1 for the better answer, 0 for the worse one, 0.5 for a tie.

    Equal answers tie without asking a judge, and the score has no dimensions.  Raises Unjudged.
    """
    one, other = sample.fields["answers"]
    if one == other:
        return Score(0.5, TIE, "the same answer")
    orders = await gather_both(
        preferences(sample, one, other, ask, panel), preferences(sample, other, one, ask, panel)
    )
    return battle_score(sample.fields["players"], orders, panel)


async def preferences(
    sample: Sample, first: Sequence[str], second: Sequence[str], ask: Ask, panel: Panel
) -> Preferences:
    """Each judge's preference between two answers, shown in this order.  Raises Unjudged."""
    prompt = judge_prompt(sample, first, second, panel.prompt)
    shown = "\n\n".join((*first, *second))
    return await panel.verdicts(
        ask, prompt, lambda text: read_preference(text, shown), SCHEMA, render("arena/repair")
    )


def read_preference(text: str, answers: str | None = None) -> Preference | None:
    """The preference in a verdict: [[A]], or the JSON {"verdict": "[[A]]"} of a repair.

    `answers` are the two that were judged; a verdict quoted from them does not count.
    """
    if (value := preference(text, answers)) is not None:
        return value
    with suppress(ValueError, LookupError, TypeError):
        return preference(str(orjson.loads(text)["verdict"]))
    return None


def judge_prompt(
    sample: Sample, first: Sequence[str], second: Sequence[str], template: str = ""
) -> str:
    """The prompt for a judge; `template` is the user's own, filled by field names."""
    reference = sample.fields["reference"]
    given = {
        "question": fenced_turns(sample.fields["asked"]),
        "reference": render("arena/reference", reference=fenced_turns(reference))
        if reference
        else "",
        "answer_a": fenced_turns(first),
        "answer_b": fenced_turns(second),
    }
    return filled(template, given) if template else render("arena/battle", **given)


def battle_score(players: PlayerPair, orders: Sequence[Preferences], panel: Panel) -> Score:
    """The score from the verdicts with the first player's answer shown first, then second.

    Its dimensions: `agreed`, the share of judges whose two verdicts agree; `first` and `second`,
    the shares of verdicts for either place; `repaired`, 1 where a verdict had to be repaired.
    """
    by_judge = [(orders[0][name].value, orders[1][name].value) for name in orders[0]]
    value = panel.pooled([AGREEMENT.get(pair, 0.5) for pair in by_judge])
    said = [preference for pair in by_judge for preference in pair]
    verdicts = [verdict for order in orders for verdict in order.values()]
    return Score(
        value,
        players[0] if value > 0.5 else players[1] if value < 0.5 else TIE,
        ", ".join(f"{first} then {second}" for first, second in by_judge),
        {
            "agreed": sum(pair in AGREEMENT for pair in by_judge) / len(by_judge),
            "first": said.count("A") / len(said),
            "second": said.count("B") / len(said),
            REPAIRED: float(any(verdict.repaired for verdict in verdicts)),
        },
    )


def fenced_turns(texts: Sequence[str]) -> str:
    """The turns of one side between fences; numbered where there are several."""
    if len(texts) == 1:
        return fenced(texts[0])
    return "\n\n".join(f"Turn {n}:\n{fenced(text)}" for n, text in enumerate(texts, 1))


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
