"""A comparison's words and cells, which the terminal and Markdown lay out each in its own way."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from evaluator.comparison.causes import CAUSES
from evaluator.report.tables import Cells
from evaluator.types import SHARE

FOUND = ("forgot", "gained")
OF_FORM = ("strict", "in_format")  # dimensions that have a table of their own
Json = Mapping[str, Any]


def points(value: float | None, scale: Sequence[float] = SHARE) -> str:
    """A value: a share in points of 100, one on another scale as it is."""
    if value is None:
        return "-"
    return f"{100 * value:.1f}" if tuple(scale) == SHARE else f"{value:.2f}"


def signed(difference: float | None, scale: Sequence[float] = SHARE) -> str:
    """A difference, in the same points."""
    if difference is None:
        return "-"
    return f"{100 * difference:+.1f}" if tuple(scale) == SHARE else f"{difference:+.2f}"


def chance(p: float) -> str:
    """A p-value."""
    return "<.001" if p < 0.001 else f"{p:.3f}".lstrip("0") if p < 1 else "1"


def name(row: Json) -> str:
    """A row's name, with the benchmark that it is a part of."""
    return row["name"] if row["level"] == "benchmark" else f"{row['benchmark']} / {row['name']}"


def differences(rows: Sequence[Json]) -> Cells:
    """Both scores, the difference, the verdict, and what the pairs could have shown."""
    columns = ["", "n", "base", "other", "diff", "95 % interval", "p", "verdict", "shows"]
    return Cells(columns, [difference(row) for row in rows], frozenset({"verdict"}))


def overview(comparison: Json) -> Cells:
    """All models beside the base: benchmarks and categories; marked where something was found."""
    sides = comparison["comparisons"]
    tables = [{(row["benchmark"], row["name"]): row for row in side["rows"]} for side in sides]
    cells = [
        [name(row), points(row["base"], row["scale"])]
        + [marked(table.get((row["benchmark"], row["name"]))) for table in tables]
        for row in sides[0]["rows"]
        if row["level"] != "subject"
    ]
    return Cells(["", comparison["base"]["run"], *(side["run"] for side in sides)], cells)


def marked(row: Json | None) -> str:
    """A score, and whether it was forgotten or gained."""
    if row is None:
        return "-"
    mark = {"forgot": " -", "gained": " +"}.get(row["verdict"], "")
    return points(row["other"], row["scale"]) + mark


def difference(row: Json) -> list[str]:
    """One row of differences."""
    scale = row["scale"]
    low, high = (signed(bound, scale) for bound in row["ci95"])
    return [
        name(row),
        str(row["n"]),
        points(row["base"], scale),
        points(row["other"], scale),
        signed(row["difference"], scale),
        f"{low}, {high}",
        chance(row["adjusted"]),
        row["verdict"],
        signed(row["detectable"], scale).lstrip("+"),
    ]


def causes(rows: Sequence[Json]) -> Cells:
    """The differences split by cause."""
    cells = [
        [name(row), signed(row["difference"], row["scale"])]
        + [signed(row["parts"][why], row["scale"]) if row["parts"][why] else "0" for why in CAUSES]
        for row in rows
    ]
    return Cells(["", "diff", *CAUSES], cells)


def form(side: Json) -> Cells:
    """What the form alone cost: the score if only the form asked for counted, and its share."""
    cells = [
        [
            benchmark,
            points(strict["base"]),
            points(strict["other"]),
            signed(strict["difference"]),
            points(kept["base"]),
            points(kept["other"]),
        ]
        for benchmark, about in side["benchmarks"].items()
        if (strict := about["dimensions"].get("strict"))
        and (kept := about["dimensions"].get("in_format"))
    ]
    columns = ["asked form only", "base", "other", "diff", "form kept, base", "form kept, other"]
    return Cells(columns, cells)


def further(side: Json) -> Cells:
    """Benchmarks' own totals and the further figures of replies, on both sides; not tested."""
    cells = []
    for benchmark, about in side["benchmarks"].items():
        for name, of in {**about["dimensions"], **about["totals"]}.items():
            base, other = of["base"], of["other"]
            if name in OF_FORM or "official" in name or (not base and not other):
                continue
            # Dimensions are shares, but for a judge's, which are on the benchmark's own scale.
            scale = of.get("scale") or (about["scale"] if max(base, other) > 1 else SHARE)
            cells.append(
                [
                    f"{benchmark} / {name}",
                    points(base, scale),
                    points(other, scale),
                    signed(other - base, scale),
                ]
            )
    return Cells(["further figures", "base", "other", "diff"], cells)


def serving(comparison: Json) -> Cells:
    """What serving took."""
    columns = ["run", "requests/s", "tokens/s", "mean length", "seconds", "points/GPU-min"]
    cells = [
        [
            row["run"],
            f"{row['requests_per_s']:.1f}",
            f"{row['output_tokens_per_s']:.0f}",
            "-" if row["mean_output_tokens"] is None else f"{row['mean_output_tokens']:.1f}",
            f"{row['seconds']:.1f}",
            "-" if (rate := row["points_per_gpu_minute"]) is None else f"{rate:.1f}",
        ]
        for row in comparison["serving"]
    ]
    return Cells(columns, cells)


def warnings(side: Json) -> Iterator[str]:
    """What was not paired, and what makes the pairs doubtful."""
    for benchmark, reason in side["unpaired"].items():
        yield f"{benchmark}: not compared: {reason}"
    for benchmark, about in side["benchmarks"].items():
        if about["left_out"]:
            counts = ", ".join(f"{count} {why}" for why, count in about["left_out"].items())
            yield f"{benchmark}: left out: {counts}"
        for what in about["mismatches"]:
            yield f"{benchmark}: paired by force: {what}"
        if about.get("totals_unknown"):
            yield f"{benchmark}: its own totals are left out, as the benchmark is not known here"
        if not about["prompts_proven"]:
            yield f"{benchmark}: a run did not record its prompts, which may differ"


def changes(comparison: Json, side: Json) -> Cells:
    """How many questions came out otherwise, beside those that do when a model is asked again."""
    again = {"base": comparison["base"]["noise"], "other": side["noise"]}
    shown = {whose: noise["benchmarks"] for whose, noise in again.items() if noise["benchmarks"]}
    cells = [
        [
            row["name"],
            str(row["down"]),
            str(row["up"]),
            f"{(row['up'] + row['down']) / row['n']:.1%}",
            *(changed(benchmarks.get(row["name"])) for benchmarks in shown.values()),
        ]
        for row in side["rows"]
        if row["level"] == "benchmark"
    ]
    columns = ["", "worse", "better", "changed", *(f"{whose} asked again" for whose in shown)]
    return Cells(columns, cells)


def changed(again: Json | None) -> str:
    """The share of samples that changed by themselves, with its interval."""
    if not again:
        return "-"
    low, high = again["ci95"]
    return f"{again['changed'] / again['samples']:.1%} ({low:.1%}, {high:.1%})"


def legend(comparison: Json) -> Iterator[str]:
    """How the columns are to be read."""
    margin, power = comparison["margin"], comparison["power"]
    if len(comparison["comparisons"]) > 1:
        yield "Beside a score, - means forgot and + means gained; no mark: neither was found."
    yield (
        "diff: other minus base, in points, with the interval of the row alone. p: exact McNemar, "
        "or sign flips where values are not 0 and 1; Holm-corrected over all rows of the level, "
        "shown or not."
    )
    yield (
        f"shows: the smallest difference that so many pairs show with {power:.0%} power; above "
        f"{margin:.0%} of the scale the row is underpowered. A dash: none at all."
    )
