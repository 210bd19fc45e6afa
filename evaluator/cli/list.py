"""`evaluator list`: what there is to measure."""

from typing import TYPE_CHECKING

from evaluator.cli.command import Given, command
from evaluator.cli.shared import tell
from evaluator.errors import UsageError
from evaluator.locale import labels, said
from evaluator.options.commands import ListOptions
from evaluator.options.complaints import read

if TYPE_CHECKING:
    from rich.table import Table

    from evaluator.types import Benchmark

HEADS = labels("benchmark", "size", "shots", "metric", "source, licence, paper")


def list_benchmarks(given: Given) -> None:
    """Shows the benchmarks."""
    options = read(ListOptions, given)
    if options.as_json:
        tell(json_list(options))
        return
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0))
    name, size, shots, metric, about = map(said, HEADS)
    table.add_column(name, style="bold")
    table.add_column(size, justify="right")
    table.add_column(shots, justify="right")
    table.add_column(metric, max_width=12)
    table.add_column(about, overflow="fold")
    for of in chosen(options):
        kind = f"{of.kind} · {', '.join(of.languages)}"
        about = "\n".join(filter(None, (kind, of.dataset, of.licence, of.paper)))
        size = f"{of.size:,}" if of.size else "-"
        table.add_row(of.name, size, str(of.shots), of.metric, about)
    if not (options.language or options.kind or options.search):
        add_own(table)
    Console().print(table)


def add_own(table: "Table") -> None:
    """Adds what is not of the package: offered by others, or files of the user's."""
    from evaluator.tasks.external import points

    for point in points():
        table.add_row(point.name, "-", "-", "-", f"offered by an installed package: {point.value}")
    for name, rows in (("mcq", "question, A, B, ..., answer"), ("qa", "question, answer")):
        table.add_row(f"{name}:FILE", "-", "0", "accuracy", f"your own rows of {rows}")
    table.add_row(
        "FILE.py:NAME", "-", "-", "-", "a Benchmark of your own, also package.module:NAME"
    )


def chosen(options: ListOptions) -> "list[Benchmark]":
    """The benchmarks of the package that the options ask for.  Raises UsageError for none."""
    from evaluator.benchmarks import BENCHMARKS

    sought = options.search.casefold()
    found = [
        each
        for each in BENCHMARKS.values()
        if options.language in (None, *each.languages)
        and options.kind in (None, each.kind)
        and sought in f"{each.name}\n{each.title}\n{each.dataset}".casefold()
    ]
    if not found:
        raise UsageError("no benchmark is so; `evaluator list` without options shows them all")
    return found


def json_list(options: ListOptions) -> str:
    """The benchmarks of the table, as JSON."""
    import orjson

    told = (
        *("title", "kind", "languages", "dataset", "size", "shots", "metric", "scale"),
        *("licence", "paper"),
    )
    rows = [
        {"name": of.name}
        | {key: getattr(of, key) for key in told}
        | {"modes": ["generate", *of.modes]}
        for of in chosen(options)
    ]
    return orjson.dumps(rows, option=orjson.OPT_INDENT_2).decode()


app = command("list", list_benchmarks, ListOptions)
