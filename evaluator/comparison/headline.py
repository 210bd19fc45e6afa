"""What a comparison found, in a line each: which model gained, which forgot, and how sure it is."""

from collections.abc import Iterator, Sequence

from evaluator.comparison.tables import FINDINGS, VERDICT_WORDS, p_text, points, signed
from evaluator.locale import N_, joined
from evaluator.results.benchmark_comparison import ComparisonRow
from evaluator.results.comparison import Comparison, ModelComparison

MOST_NAMES = 10  # of benchmarks in a line


def tested(model: ModelComparison) -> list[ComparisonRow]:
    """The rows of whole benchmarks."""
    return [row for row in model.rows if row.level == "benchmark"]


def verdict_counts(rows: Sequence[ComparisonRow]) -> str:
    """How many of the rows have each verdict: "1 forgot, 2 no evidence"."""
    verdicts = [row.verdict for row in rows]
    counts = [(verdicts.count(each), VERDICT_WORDS[each]) for each in dict.fromkeys(verdicts)]
    return joined(", ", (N_("{n} {verdict}", n=n, verdict=words) for n, words in counts))


def headline(comparison: Comparison, model: ModelComparison) -> Iterator[str]:
    """The findings over whole benchmarks, the largest first, and what was not found."""
    rows = tested(model)
    found = [row for row in rows if row.verdict in FINDINGS]
    for row in sorted(found, key=lambda row: -abs(row.difference)):
        yield finding(model.model, row)
    of, margin = model.model, N_("{n:g} {n:point|points} of 100", n=100 * comparison.margin)
    if calm := [row.name for row in rows if row.verdict == "no evidence"]:
        yield N_(
            "{of}: no difference on {calm}, where one of {margin} would have shown",
            of=of,
            calm=listed(calm),
            margin=margin,
        )
    if weak := [row.name for row in rows if row.verdict == "underpowered"]:
        yield N_(
            "{of}: cannot tell on {weak}, where samples are too few to show a difference "
            "of {margin}",
            of=of,
            weak=listed(weak),
            margin=margin,
        )


def listed(names: Sequence[str]) -> str:
    """The names, or the first of many."""
    more = len(names) - MOST_NAMES
    first = ", ".join(names[:MOST_NAMES])
    return N_("{first} and {n} more", first=first, n=more) if more > 0 else first


def finding(model: str, row: ComparisonRow) -> str:
    """One row with a verdict, in words."""
    done = N_("gained on") if row.verdict == "gained" else N_("forgot on")
    low, high = (signed(end, row.scale) for end in row.ci95)
    p = p_text(row.adjusted)
    return N_(
        "{model}: {done} {name}, from {base} to {other}, by {difference} (95 % "
        "interval {low} to {high}; p {p})",
        model=model,
        done=done,
        name=row.name,
        base=points(row.base, row.scale),
        other=points(row.other, row.scale),
        difference=signed(row.difference, row.scale),
        low=low,
        high=high,
        p=p if p.startswith("<") else f"= {p}",
    )
