"""The judge of AlignBench, looked at itself: what it makes of answers whose worth is known.

The reference given as the answer should land near 8, for so the judge's own prompt says; another
question's reference should land at 1 to 2. Asking the same again shows the judge's noise.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from hashlib import blake2b
from statistics import mean, stdev

from evaluator.benchmarks.alignbench import benchmark as alignbench
from evaluator.extract.ratings import OVERALL
from evaluator.judging.dimensions import RATING
from evaluator.judging.panel import ended
from evaluator.results.figures import Interval
from evaluator.statistics.intervals import figure
from evaluator.types import (
    MEASURED,
    Ask,
    Benchmark,
    Judging,
    Outcomes,
    Rows,
    Sample,
    Scale,
    Score,
    Totals,
)

REPEATS = 3  # of the verdict on the reference
REFERENCE, OTHER, NOISE = "reference", "another's answer", f"noise, sd of {REPEATS}"
EXPECTED = {REFERENCE: (7.0, 9.0), OTHER: (1.0, 2.5)}  # of a judge that can be trusted


def load(rows: Rows, shots: int) -> Iterator[Sample]:
    """AlignBench's questions, each with the reference of one of another category."""
    every = list(alignbench.load(rows, shots))
    others = paired(every)
    for sample in every:
        yield replace(sample, fields={**sample.fields, "other": others[sample.id]})


def paired(every: list[Sample]) -> dict[str, str]:
    """Another question's reference for each: the next of another category, shuffled but fixed."""
    ring = sorted(every, key=lambda sample: blake2b(sample.id.encode(), digest_size=8).digest())
    found = {}
    for place, sample in enumerate(ring):
        after = ring[place + 1 :] + ring[:place]
        category = sample.fields["category"]
        other = next((o for o in after if o.fields["category"] != category), None)
        if other is None:
            raise ValueError("an audit needs questions of at least two categories")
        found[sample.id] = str(other.fields["reference"])
    return found


async def solve(sample: Sample, ask: Ask, judging: Judging = Judging()) -> Score:  # noqa: B008
    """Asks only the judges; the value is what the reference is worth to them."""
    answers = [sample.fields["reference"]] * REPEATS + [sample.fields["other"]]
    asked = (alignbench.judged_score(sample, answer, ask, judging) for answer in answers)
    *same, other = await ended(*asked)
    value = mean(score.value for score in same)
    figures = {REFERENCE: value, OTHER: other.value, NOISE: stdev(score.value for score in same)}
    for name in by_judge(other):
        figures |= {f"{REFERENCE} {name}": mean(score.dimensions[name] for score in same)}
        figures |= {f"{OTHER} {name}": other.dimensions[name]}
    repaired = max(score.dimensions["repaired"] for score in (*same, other))
    return Score(value, f"{value:g}", dimensions={**figures, "repaired": repaired})


def by_judge(score: Score) -> list[str]:
    """The dimensions that hold one judge's overall rating, where there are several judges."""
    return [name for name in score.dimensions if name.startswith("by ")]


def summarize(outcomes: Outcomes) -> Totals:
    """The figures, and what they are expected to be."""
    values: dict[str, list[float]] = {}
    for outcome in outcomes:
        if outcome.status in MEASURED:
            for name, value in outcome.dimensions.items():
                values.setdefault(name, []).append(value)
    values.pop("repaired", None)
    return {
        name: replace(figure([of], scale=of_figure(name)), expected=expected(name))
        for name, of in values.items()
    }


def of_figure(name: str) -> Scale:
    """The scale of a figure: a rating's, or that of ratings' standard deviation."""
    least, most = RATING
    return (0.0, most - least) if name == NOISE else RATING


def expected(name: str) -> Interval | None:
    """The range in which a figure should be."""
    return EXPECTED.get(name.partition(" by ")[0])


def judged(judging: Judging, rows: Rows) -> Benchmark:
    """The audit of these judges."""
    checked = alignbench.judged(judging, rows)
    return replace(
        AUDIT,
        solve=partial(solve, judging=judging),
        roles=[role for role in judging.judges for _ in range(REPEATS + 1)],
        about=checked.about,
    )


AUDIT = Benchmark(
    name="audit:alignbench",
    title="The judge of AlignBench, audited",
    dataset=alignbench.ALIGNBENCH.dataset,
    load=load,
    solve=solve,
    metric=f"mean overall rating ({OVERALL}) of the reference as the answer, expected near 8",
    scale=alignbench.ALIGNBENCH.scale,
    summarize=summarize,
    roles=("judge",) * (REPEATS + 1),
    categories=alignbench.ALIGNBENCH.categories,
    judged=judged,
    paper=alignbench.ALIGNBENCH.paper,
    licence=alignbench.ALIGNBENCH.licence,
)
