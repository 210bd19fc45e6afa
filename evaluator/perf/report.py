"""perf.json as tables: for the terminal, as Markdown, and as CSV with a line a point."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from evaluator.errors import UsageError
from evaluator.perf.compare import by_load
from evaluator.perf.notes import notes, warnings
from evaluator.perf.record import conclusions, read
from evaluator.report import markdown as md
from evaluator.report.tables import Cells
from evaluator.report.terminal import plain_text, table

TIMES = ("ttft", "tpot", "itl", "latency")


def terminal(data: Mapping[str, Any]) -> RenderableType:
    """The whole report."""
    parts: list[RenderableType] = []
    for title, cells in tables(data):
        parts += [table(cells, title), Text()]
    parts += [plain_text(line, "dim") for line in notes(data)]
    parts += [plain_text(line, "bold red" if red else "yellow") for line, red in warnings(data)]
    return Group(*parts)


def renewed(folder: Path) -> RenderableType:
    """The report of a run that may have ended early, also written as Markdown."""
    data = read(folder)
    if "summary" not in data:  # killed in the middle
        data |= conclusions(data)
    write(folder, data)
    return terminal(data)


def write(folder: Path, data: Mapping[str, Any]) -> None:
    """Writes perf.md."""
    (folder / "perf.md").write_text(markdown(data), encoding="utf-8")


def markdown(data: Mapping[str, Any]) -> str:
    """The same to paste."""
    blocks = [f"# Throughput: {md.inline(data['run'])}", f"Started {data['started_at']}."]
    for title, cells in tables(data):
        blocks += [f"## {md.inline(title)}", "\n".join(md.table(cells))]
    lines = [*notes(data), *(line for line, _ in warnings(data))]
    blocks.append("\n".join(f"- {md.inline(line)}" for line in lines))
    return "\n\n".join(blocks) + "\n"


def tables(data: Mapping[str, Any]) -> Iterator[tuple[str, Cells]]:
    """Every table that there is something for, with its title."""
    repeats = max((row["repeats"] for row in data["summary"]), default=0)
    means = f"means of {repeats} repeats" if repeats > 1 else "one repeat"
    yield f"{data['run']}: {means}", rates(data)
    yield "times in ms: median / 99th percentile", times(data)
    for base, other in dict.fromkeys((row["base"], row["other"]) for row in data["comparison"]):
        yield f"{other} / {base}", compared(data, base, other)
    if data["pareto"]:
        yield "accuracy and speed of the same requests", front(data)


def rates(data: Mapping[str, Any]) -> Cells:
    """A row an arm and load: means over the repeats, with the half-width of the 95 % interval."""
    with_slo = bool(data["slo"])
    columns = ["load", "arm", "req/s", "out tok/s", "95 %", "steady", "peak", "hits"]
    rows = []
    for row, points in grouped(data):
        figures = row["figures"]
        cells = [row["load"], row["arm"]]
        cells += [number(mean_of(figures, "requests/s")), number(mean_of(figures, OUT))]
        cells += [half_width(figures), number(mean_of(figures, "steady tokens/s"))]
        cells += [str(max(p["peak_concurrency"] for p in points)), percent(hit_rate(points))]
        rows.append(cells + ([percent(average(p["good_share"] for p in points))] * with_slo))
    return Cells(columns + ["in SLO"] * with_slo, rows, frozenset({"arm"}))


OUT = "output tokens/s"


def times(data: Mapping[str, Any]) -> Cells:
    """Median / 99th percentile, each the mean over the repeats, in milliseconds."""
    rows = [
        [row["load"], row["arm"], *(median_and_tail(points, each) for each in TIMES)]
        for row, points in grouped(data)
    ]
    return Cells(["load", "arm", "TTFT", "TPOT", "ITL", "latency"], rows, frozenset({"arm"}))


def median_and_tail(points: Sequence[Mapping[str, Any]], name: str) -> str:
    """The two percentiles that a person looks at."""
    return " / ".join(milliseconds(average(p[name].get(q) for p in points)) for q in ("p50", "p99"))


def compared(data: Mapping[str, Any], base: str, other: str) -> Cells:
    """A row a load and figure."""
    rows = []
    for row in data["comparison"]:
        if (row["base"], row["other"]) == (base, other):
            ends = "-" if row["ci95"] is None else "{:.3f} - {:.3f}".format(*row["ci95"])
            ratio = "-" if row["ratio"] is None else f"{row['ratio']:.3f}"
            rows.append([row["load"], row["figure"], ratio, ends, row["verdict"]])
    columns = ["load", "figure", "ratio", "95 % interval", "verdict"]
    return Cells(columns, rows, frozenset({"figure", "verdict"}))


def front(data: Mapping[str, Any]) -> Cells:
    """Score and rate; a star where no other arm and load is ahead in both."""
    rows = [
        [
            row["load"],
            row["arm"],
            row["benchmark"],
            percent(row["accuracy"]),
            "-" if row["ci95"] is None else "{:.1%} - {:.1%}".format(*row["ci95"]),
            number(row["output_tokens_per_s"]),
            "*" if row["front"] else "",
        ]
        for row in data["pareto"]
    ]
    columns = ["load", "arm", "benchmark", "score", "95 %", "out tok/s", "front"]
    return Cells(columns, rows, frozenset({"arm", "benchmark"}))


def grouped(data: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], Sequence[Any]]]:
    """Every row of the summary with its points."""
    points = by_load(data["points"])
    for row in data["summary"]:
        yield row, list(points[row["load"]][row["arm"]].values())


def average(values: Any) -> float | None:
    """The mean of what was measured."""
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def hit_rate(points: Sequence[Mapping[str, Any]]) -> float | None:
    """Share of prompt tokens that came from the server's prefix cache."""
    return average((point["server"] or {}).get("prefix_hit_rate") for point in points)


def mean_of(figures: Mapping[str, Any], name: str) -> float | None:
    """A figure's mean; None where it was not measured."""
    mean: float | None = figures.get(name, {}).get("mean")
    return mean


def half_width(figures: Mapping[str, Any]) -> str:
    """How far the interval of the output rate reaches, to be read after a +-."""
    ends = figures.get(OUT, {}).get("ci95")
    return "-" if ends is None else f"±{number(ends[1] - figures[OUT]['mean'])}"


def number(value: float | None) -> str:
    """Three digits that count."""
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def percent(value: float | None) -> str:
    """A share."""
    return "-" if value is None else f"{value:.1%}"


def milliseconds(value: float | None) -> str:
    """Seconds as milliseconds."""
    return "-" if value is None else number(value * 1000)


def export(data: Mapping[str, Any], path: Path) -> None:
    """A line a point, a column a figure; times in seconds.  Raises UsageError."""
    # What failed is a number there; the errors' words make no columns.
    rows = [flat({k: v for k, v in p.items() if k != "errors"}) for p in data["points"]]
    columns = list(dict.fromkeys(name for row in rows for name in row))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(rows)
    except OSError as error:
        raise UsageError(f"--csv: cannot write {str(path)!r}: {error.strerror}") from error


def flat(nested: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """{"ttft": {"p50": 1}} as {"ttft.p50": 1}."""
    row: dict[str, Any] = {}
    for key, value in nested.items():
        if isinstance(value, Mapping):
            row |= flat(value, f"{prefix}{key}.")
        else:
            row[prefix + key] = value
    return row
