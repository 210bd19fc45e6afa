"""The report of a throughput run: for the terminal, as Markdown, and as CSV with a line a point."""

import csv
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from rich.console import Group, RenderableType
from rich.text import Text

from evaluator.errors import UsageError
from evaluator.locale import N_, Language, language, speaking
from evaluator.pages.render import page_in
from evaluator.perf.report.conclusions import concluded
from evaluator.perf.report.method import method
from evaluator.perf.report.page import perf_page
from evaluator.perf.report.tables import tables
from evaluator.perf.report.warnings import warnings
from evaluator.report import markdown as md
from evaluator.report.terminal import plain_text, table
from evaluator.report.values import at_minute
from evaluator.results.files import present
from evaluator.results.perf import PerfReport, read
from evaluator.results.perf_point import PerfPoint

WORDS = frozenset({"errors", "refused", "adapted"})  # fields of a point that are no figures


def terminal(report: PerfReport) -> RenderableType:
    """The whole report."""
    parts: list[RenderableType] = []
    for title, cells in tables(report):
        parts += [table(cells, title), Text()]
    parts += [plain_text(line, "dim") for line in method(report)]
    parts += [
        plain_text(each.text, "bold red" if each.spoils else "yellow") for each in warnings(report)
    ]
    return Group(*parts)


def markdown(report: PerfReport) -> str:
    """The same to paste."""
    started = N_("Started {time}.", time=at_minute(report.started_at))
    blocks = [f"# {md.inline(N_('Throughput: {name}', name=report.run))}", md.inline(started)]
    for title, cells in tables(report):
        blocks += [f"## {md.inline(title)}", "\n".join(md.table(cells))]
    lines = [*method(report), *(each.text for each in warnings(report))]
    blocks.append("\n".join(f"- {md.inline(line)}" for line in lines))
    return "\n\n".join(blocks) + "\n"


def write_shown(folder: Path, report: PerfReport, lang: Language | None = None) -> None:
    """Writes perf.md and perf.html in a language.  Raises OSError."""
    with speaking(lang):
        (folder / "perf.md").write_text(markdown(report), encoding="utf-8")
    page = perf_page(report, page_in(language(lang)))
    (folder / "perf.html").write_text(page, encoding="utf-8")


def rewrite(folder: Path, lang: Language | None = None) -> PerfReport:
    """The report of a run, whose perf.md and perf.html are written again.  Raises UsageError."""
    report = read(folder)
    if not report.summary:  # an earlier version was killed in the middle
        report = concluded(report)
    write_shown(folder, report, lang)
    return report


def write_csv(report: PerfReport, path: Path) -> None:
    """A line a point, a column a figure; times in seconds.  Raises UsageError."""
    rows = [flat(columns_of(point)) for point in report.points]
    columns = list(dict.fromkeys(name for row in rows for name in row))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(rows)
    except OSError as error:
        raise UsageError(
            N_("--csv: cannot write {path!r}: {strerror}", path=str(path), strerror=error.strerror)
        ) from error


def columns_of(point: PerfPoint) -> dict[str, object]:
    """The point without a server's words; how many requests failed is a column."""
    kept = present(point).keys() - WORDS
    return {name: value for name, value in asdict(point).items() if name in kept}


def flat(nested: Mapping[str, object], prefix: str = "") -> dict[str, object]:
    """{"ttft": {"p50": 1}} as {"ttft.p50": 1}."""
    row: dict[str, object] = {}
    for key, value in nested.items():
        if isinstance(value, Mapping):
            row |= flat(value, f"{prefix}{key}.")
        else:
            row[prefix + key] = value
    return row
