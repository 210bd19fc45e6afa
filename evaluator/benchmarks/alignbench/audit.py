"""An audit of AlignBench's judge: what it makes of answers whose worth is known.

The judge's own prompt says that the reference, given as the answer, is worth about 8. Another
question's reference should be worth 1 to 2. Asking the same again shows the judge's noise.
"""

from collections.abc import Iterator
from dataclasses import replace
from statistics import mean, stdev

from evaluator.benchmarks.alignbench import benchmark as alignbench
from evaluator.digest import shuffle_key
from evaluator.errors import gather_all
from evaluator.judging.dimensions import OVERALL, RATING
from evaluator.judging.panel import Panel
from evaluator.results.figures import Interval
from evaluator.results.names import REPAIRED
from evaluator.statistics.intervals import figure
from evaluator.types import MEASURED, Ask, Benchmark, Outcomes, Rows, Sample, Scale, Score, Totals

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
    ring = sorted(every, key=lambda sample: shuffle_key(sample.id))
    found = {}
    for place, sample in enumerate(ring):
        after = ring[place + 1 :] + ring[:place]
        category = sample.fields["category"]
        other = next((o for o in after if o.fields["category"] != category), None)
        if other is None:
            raise ValueError("an audit needs questions of at least two categories")
        found[sample.id] = str(other.fields["reference"])
    return found


async def solve(sample: Sample, ask: Ask, panel: Panel) -> Score:
    """Asks only the judges; the value is what the reference is worth to them."""
    answers = [sample.fields["reference"]] * REPEATS + [sample.fields["other"]]
    asked = (alignbench.judged_score(sample, answer, ask, panel) for answer in answers)
    *same, other = await gather_all(*asked)
    value = mean(score.value for score in same)
    figures = {REFERENCE: value, OTHER: other.value, NOISE: stdev(score.value for score in same)}
    for name in judge_names(other):
        figures |= {f"{REFERENCE} {name}": mean(score.dimensions[name] for score in same)}
        figures |= {f"{OTHER} {name}": other.dimensions[name]}
    repaired = max(score.dimensions[REPAIRED] for score in (*same, other))
    return Score(value, f"{value:g}", dimensions={**figures, REPAIRED: repaired})


def judge_names(score: Score) -> list[str]:
    """The dimensions that hold one judge's overall rating, where there are several judges."""
    return [name for name in score.dimensions if name.startswith("by ")]


def summarize(outcomes: Outcomes) -> Totals:
    """The figures, and what they are expected to be."""
    values: dict[str, list[float]] = {}
    for outcome in outcomes:
        if outcome.status in MEASURED:
            for name, value in outcome.dimensions.items():
                values.setdefault(name, []).append(value)
    values.pop(REPAIRED, None)
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


AUDIT = Benchmark(
    name="audit:alignbench",
    title="The judge of AlignBench, audited",
    dataset=alignbench.ALIGNBENCH.dataset,
    load=load,
    solve=replace(alignbench.JUDGED, solve=solve, verdicts=None),
    metric=f"mean overall rating ({OVERALL}) of the reference as the answer, expected near 8",
    scale=alignbench.ALIGNBENCH.scale,
    summarize=summarize,
    roles=("judge",) * (REPEATS + 1),
    categories=alignbench.ALIGNBENCH.categories,
    paper=alignbench.ALIGNBENCH.paper,
    licence=alignbench.ALIGNBENCH.licence,
)
