"""Intervals of few samples: within the scale of their figure, and as sure as they say."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from evaluator.benchmarks.alignbench.audit import summarize as of_judge
from evaluator.benchmarks.alignbench.totals import summarize as of_alignbench
from evaluator.benchmarks.ifeval.benchmark import summarize as of_ifeval
from evaluator.engine.repeats import combined, pass_at
from evaluator.judging.dimensions import dimensions
from evaluator.perf.report.summary import summary
from evaluator.report.build import Tally, benchmark_result
from evaluator.results.figures import Figure, Spread
from evaluator.results.files import parser
from evaluator.results.outcomes import OutcomeRecord
from evaluator.results.perf_point import PerfPoint
from evaluator.results.run import BenchmarkInfo
from evaluator.runs.sample_files import outcome_line
from evaluator.statistics.intervals import Running, figure, macro, ratio
from evaluator.statistics.paired import interval as of_differences
from evaluator.types import Outcome, Scale, Score
from tests.perf.points import point
from tests.written_runs import ABOUT

RATING = (1.0, 10.0)
GROUPS = ("数学计算/推理", "逻辑推理/推理", "专业能力/物理", "main")


def outcome(random: Any, number: int, scale: Scale, repeats: int) -> OutcomeRecord:
    """A sample of right and wrong replies, or of ratings, each asked so many times."""
    easy = random.choice([0.02, 0.5, 0.98])
    group = GROUPS[number % len(GROUPS)]

    def reply() -> Outcome:
        good = float(random.random() < easy)
        value = good if scale == (0.0, 1.0) else 1 + 9 * good
        further = {"strict": good, "refused": 1 - good, "cut_off": good}
        rated = {"事实正确性": value, "judges_apart": 9 * (1 - good), "by a": value}
        shown = further if scale == (0.0, 1.0) else {**further, **rated, "in_chinese": good}
        return Outcome("b", str(number), group, "scored", Score(value, "B", dimensions=shown))

    made = reply() if repeats == 1 else combined([reply() for _ in range(repeats)])
    return parser(OutcomeRecord)(outcome_line(made))


def figures(found: Any, path: str = "") -> Iterator[tuple[str, Figure]]:
    """Everything with an interval, by where it stands."""
    if isinstance(found, Figure):
        yield path, found
    elif isinstance(found, Mapping):
        for name, of in found.items():
            yield from figures(of, f"{path} > {name}")


def ends_of(path: str, scale: Scale) -> Scale:
    """What a figure can be at least and at most."""
    name = path.rpartition(" > ")[2]
    if name.startswith(("pass@", "majority@", "in_chinese")) or name in (
        *("strict", "refused", "cut_off", "unread"),
    ):
        return 0.0, 1.0
    if "(official)" in name:
        return -1.0, 10.0
    return (0.0, 9.0) if name == "judges_apart" else scale


@pytest.mark.parametrize("scale", [(0.0, 1.0), RATING], ids=["shares", "ratings"])
@pytest.mark.parametrize("repeats", [1, 2, 4, 5])
@pytest.mark.parametrize("n", [1, 2, 3, 4, 7, 20])
def test_no_interval_leaves_the_scale_of_its_figure(n: int, repeats: int, scale: Scale) -> None:
    for seed in range(12):
        random = np.random.default_rng([n, repeats, seed])
        tally = Tally(lambda lines: {**of_alignbench(lines), **dimensions(lines, str)})
        for number in range(n):
            tally.add(outcome(random, number, scale, repeats))
        categories = dict.fromkeys(GROUPS, "all")
        about = {**ABOUT, "scale": scale, "samples": n, "categories": categories}
        row = benchmark_result(tally, BenchmarkInfo(**about))
        if scale == (0.0, 1.0):
            row = replace(row, totals={})  # AlignBench's have another scale
        parts = (row.groups, row.categories, row.dimensions, row.totals)
        found = dict(zip(("groups", "categories", "dimensions", "totals"), parts, strict=True))
        found["value"] = Figure(value=row.value, ci95=row.ci95, samples=n)
        found["macro"] = Figure(value=row.macro, ci95=row.macro_ci95, samples=n)
        within(found, scale)


def record(**more: Any) -> OutcomeRecord:
    return OutcomeRecord(benchmark="b", id="1", status="scored", **more)


def within(row: Any, scale: Scale) -> None:
    for path, of in figures(row):
        if of.ci95 is not None:
            least, most = ends_of(path, scale)
            low, high = of.ci95
            assert least <= low <= high <= most, path
            assert of.value is not None and low - 1e-9 <= of.value <= high + 1e-9, path


@pytest.mark.parametrize("seed", range(20))
def test_nor_those_of_a_judge_that_is_audited_of_instructions_or_of_pairs(seed: int) -> None:
    random = np.random.default_rng(seed)
    n = int(random.integers(1, 6))
    ratings = random.integers(1, 11, (n, 2))
    lines = [
        record(dimensions={"reference": a, "noise, sd of 3": 9 * float(a == b)})
        for a, b in ratings.tolist()
    ]
    audited = of_judge(lines)
    shares = ("prompt_loose", "instruction_strict", "instruction_loose")
    replies = [
        record(
            target=", ".join("abc"[: random.integers(1, 4)]),
            dimensions={name: random.choice([0.0, 1.0, 0.5, 0.97]) for name in shares},
        )
        for _ in range(n)
    ]

    within({"reference": audited["reference"]}, RATING)
    within({"noise": audited["noise, sd of 3"]}, (0.0, 9.0))
    within(of_ifeval(replies), (0.0, 1.0))
    low, high = of_differences([0.2] * n, 0.2)
    assert -0.2 <= low <= high <= 0.2


def test_nor_a_rate_of_two_repeats_that_differ_widely() -> None:
    spread = Spread(mean=0.0, p50=0.0, p90=0.0, p95=0.0, p99=0.0)

    def of(repeat: int, rate: float) -> PerfPoint:
        times = replace(spread, p50=rate, p99=rate)
        rates = {"requests_per_s": rate, "steady": None, "goodput_per_s": None}
        spreads = dict.fromkeys(("ttft", "tpot", "itl", "latency"), times)
        return point("A", repeat, rate, **rates, **spreads)

    (row,) = summary([of(1, 10.0), of(2, 90.0)])

    assert len(row.figures) == 6
    for figure_ in row.figures.values():
        assert figure_.ci95
        assert figure_.ci95[0] == 0.0
        assert figure_.ci95[1] > figure_.mean


def test_of_shares_alike_the_interval_has_a_width() -> None:
    for values in ([0.5] * 4, [0.75, 0.75], [1.0, 1.0, 1.0, 0.75]):
        low, high = figure([values], scale=(0.0, 1.0)).ci95
        running = Running()
        for value in values:
            running.add(value)

        assert 0 <= low < values[-1] < high <= 1
        assert running.ci95 == pytest.approx((low, high))


def test_ratings_of_1_are_not_taken_for_shares() -> None:
    assert figure([[1.0] * 5], scale=RATING).ci95 is None
    assert macro([[1.0] * 5, [1.0]], scale=RATING).ci95 is None


K = 4  # repeats
FIGURES: Mapping[str, Sequence[float]] = {  # by how many of K repeats are right
    "the mean": [right / K for right in range(K + 1)],
    "pass@2": [pass_at(2, right, K) for right in range(K + 1)],
    "majority@4": [0.0, 0.0, 0.5, 1.0, 1.0],
}
QUESTIONS: Mapping[str, Callable[[Any, Any], Any]] = {  # how often a reply to each is right
    "of every difficulty": lambda random, size: random.beta(1, 1, size),
    "known or not": lambda random, size: random.beta(0.3, 0.3, size),
    "easy": lambda random, size: random.beta(5, 1, size),
    "hard": lambda random, size: random.beta(0.2, 1, size),
    "alike": lambda random, size: np.full(size, 0.8),
    "nearly all right": lambda random, size: np.full(size, 0.95),
}


@pytest.mark.parametrize("n", [4, 8, 20])
def test_intervals_of_repeats_hold_the_truth_in_95_of_100(n: int) -> None:
    random = np.random.default_rng(n)
    held = []
    for worth in map(np.asarray, FIGURES.values()):
        for chances in QUESTIONS.values():
            truth = worth[random.binomial(K, chances(random, 200_000))].mean()
            samples = worth[random.binomial(K, chances(random, (400, n)))]
            ends = [figure([row.tolist()], scale=(0.0, 1.0)).ci95 for row in samples]
            held.append(np.mean([low <= truth <= high for low, high in ends]))

    assert np.mean(held) >= 0.95
    assert min(held) >= 0.9


@pytest.mark.parametrize("n", [4, 8, 20])
def test_so_do_those_of_macro_means_and_of_ratios(n: int) -> None:
    random = np.random.default_rng(n)
    right = random.binomial(K, random.beta(1, 1, (400, n, 2))) / K
    of_macro = [macro(row.T.tolist(), (0.0, 1.0)).ci95 for row in right]
    asked = random.integers(1, 4, (400, n))
    followed = random.binomial(asked, random.beta(4, 1, (400, n)))
    of_ratio = [
        ratio(parts, wholes).ci95
        for parts, wholes in zip(followed.tolist(), asked.tolist(), strict=True)
    ]

    assert np.mean([low <= 0.5 <= high for low, high in of_macro]) >= 0.94
    assert np.mean([low <= 0.8 <= high for low, high in of_ratio]) >= 0.92
