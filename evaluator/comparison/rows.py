"""The rows of a comparison: a benchmark, its categories, its subjects; each tested and judged."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from evaluator.comparison.causes import Cause, parts
from evaluator.comparison.pairing import Pair, Paired
from evaluator.statistics.paired import ALPHA, detectable, holm, interval, p_value
from evaluator.types import Scale

Level = Literal["benchmark", "category", "subject"]
LEVELS: tuple[Level, ...] = ("benchmark", "category", "subject")
Verdict = Literal["gained", "forgot", "no evidence", "underpowered"]


@dataclass(frozen=True, slots=True)
class Cut:
    """Pairs that make a row; `causes` are by sample id, of the pairs that differ."""

    level: Level
    name: str
    pairs: Sequence[Pair]
    made: Paired
    causes: Mapping[str, Cause]

    @property
    def differences(self) -> list[float]:
        return [pair.difference for pair in self.pairs]


@dataclass(frozen=True, slots=True)
class Row:
    """Values are means over the pairs; `difference` is other minus base; `parts` add up to it.

    `up` and `down` count the pairs that differ. `adjusted` is p among its family. `detectable` is
    the smallest difference that these pairs could have shown, None if they could show none.
    """

    level: Level
    benchmark: str
    name: str
    n: int
    scale: Scale
    base: float
    other: float
    difference: float
    ci95: tuple[float, float]
    up: int
    down: int
    p: float
    adjusted: float
    verdict: Verdict
    detectable: float | None
    parts: Mapping[str, float]


def cuts(made: Paired, causes: Mapping[str, Cause]) -> Iterator[Cut]:
    """A benchmark as a whole, by category and by subject; one part alone is the whole again."""
    yield Cut("benchmark", made.benchmark, made.pairs, made, causes)
    categories: dict[str, list[Pair]] = {}
    subjects: dict[str, list[Pair]] = {}
    for pair in made.pairs:
        subjects.setdefault(pair.group, []).append(pair)
        if category := made.about["categories"].get(pair.group):
            categories.setdefault(category, []).append(pair)
    if len(categories) > 1:
        for name, pairs in categories.items():
            yield Cut("category", name, pairs, made, causes)
    if len(subjects) > 1:
        for name, pairs in sorted(subjects.items()):
            yield Cut("subject", name, pairs, made, causes)


def family(cuts: Sequence[Cut], margin: float) -> list[Row]:
    """The rows of one level, over all benchmarks and models that are shown together.

    However many there are, the chance that any is called gained or forgot without cause is at most
    ALPHA. A row that is neither says "no evidence" where the pairs would have shown a difference
    of `margin`, a share of the scale's span, and "underpowered" where they would not.
    """
    p_values = [p_value(cut.differences) for cut in cuts]
    adjusted = holm(p_values)
    found = sum(p < ALPHA for p in adjusted)
    # What p the next row had to beat, which is what each of those not found had to.
    alpha = ALPHA / max(1, len(cuts) - found)
    return [
        row(cut, p, of_all, alpha, margin)
        for cut, p, of_all in zip(cuts, p_values, adjusted, strict=True)
    ]


def row(cut: Cut, p: float, adjusted: float, alpha: float, margin: float) -> Row:
    """One row."""
    n, differences = len(cut.pairs), cut.differences
    difference, smallest = sum(differences) / n, detectable(differences, alpha)
    return Row(
        cut.level,
        cut.made.benchmark,
        cut.name,
        n,
        cut.made.scale,
        base=sum(pair.base["value"] for pair in cut.pairs) / n,
        other=sum(pair.other["value"] for pair in cut.pairs) / n,
        difference=difference,
        ci95=interval(differences, cut.made.span),
        up=sum(d > 0 for d in differences),
        down=sum(d < 0 for d in differences),
        p=p,
        adjusted=adjusted,
        verdict=verdict(difference, adjusted, smallest, margin * cut.made.span),
        detectable=smallest,
        parts=parts((p.difference, cut.causes.get(p.id, "knowledge")) for p in cut.pairs),
    )


def verdict(difference: float, adjusted: float, smallest: float | None, margin: float) -> Verdict:
    """A row's finding in words."""
    if adjusted < ALPHA:
        return "gained" if difference > 0 else "forgot"
    return "underpowered" if smallest is None or smallest > margin else "no evidence"
