"""`evaluator data`: where the data sets come from, whether they are whole, and a mirror of them."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from typer import Argument, Option

from evaluator.cli import shared

if TYPE_CHECKING:
    from evaluator.data.checking import Checked
    from evaluator.data.table import DataSet
    from evaluator.types import Benchmark

app = typer.Typer(no_args_is_help=True, help="Data sets: where they come from, and a mirror.")

Names = Annotated[list[str] | None, Argument(help="Benchmarks; see `list`. All, if none.")]
From = Annotated[
    Literal["hub", "modelscope"] | None, Option("--from", help="hub or modelscope. [hub]")
]


@app.command("list")
def list_sources() -> None:
    """Show where each data set comes from."""
    from rich.console import Console

    from evaluator.data.table import table as data_sets
    from evaluator.report.tables import Cells
    from evaluator.report.terminal import table

    rows = []
    for benchmark in chosen(None):
        known = data_sets()[benchmark.data_set]
        there = "\n".join(f"{split} {count:,}" for split, count in known.rows.items())
        rows.append([benchmark.name, "\n".join(places(known, benchmark)), there, known.licence])
    heads = ["benchmark", "where", "rows", "licence"]
    Console().print(table(Cells(heads, rows, wordy=frozenset(heads))))


def places(known: "DataSet", benchmark: "Benchmark") -> Iterator[str]:
    """Where a data set is in each source."""
    if known.hub:
        yield f"hub         {known.hub.id}"
    if known.modelscope:
        yield f"modelscope  {known.modelscope.id}"
    if known.own:
        yield f"github      {known.own.id}"
    yield f"--data-dir  {benchmark.data_set}/"


@app.command()
def fetch(
    data_dir: Annotated[Path, Option(help="Folder to fill.")],
    names: Names = None,
    origin: From = None,
    update: Annotated[bool, Option("--update", help="Replace what is there.")] = False,
) -> None:
    """Fill a folder that --data-dir reads, on a machine without a network too.

    Running the same command again goes on where it was interrupted.
    """
    from rich.console import Console

    from evaluator.dashboard.fetching import fetching
    from evaluator.data import source
    from evaluator.data.mirroring import mirror
    from evaluator.errors import UsageError

    datasets = list(dict.fromkeys(benchmark.data_set for benchmark in chosen(names)))
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"--data-dir {str(data_dir)!r}: {error.strerror}") from error
    with fetching(Console(stderr=True), "auto") as listener:
        read = source(name=origin or "hub", listener=listener)
        read.prepare(datasets)
    for dataset in datasets:
        done = mirror(dataset, data_dir, read, update)
        files = done.manifest.files
        size = sum(file.bytes for file in files) / 1e6
        shared.tell(
            f"{dataset}: {sum(file.rows for file in files):,} rows, {len(files)} files, "
            f"{size:.1f} MB, {'from' if done.fresh else 'unchanged from'} {read.origin(dataset)}; "
            f"licence: {done.manifest.licence}"
        )
    shared.tell(f"read them with --data-dir {data_dir}")


@app.command()
def check(
    names: Names = None,
    data_dir: shared.DataDir = None,
    origin: From = None,
) -> None:
    """Read the data sets whole, and compare them with what is known of them.

    A mirror's files are compared with its manifest too.  Exit code 2 where anything differs.
    """
    from rich.console import Console

    from evaluator.dashboard.fetching import fetching
    from evaluator.data import source
    from evaluator.data.checking import check as checked
    from evaluator.options.settings import usual_data_dir
    from evaluator.report.tables import Cells
    from evaluator.report.terminal import table

    folder = data_dir or (None if origin else usual_data_dir())
    with fetching(Console(stderr=True), "auto") as listener:
        read = source(folder, origin, listener)
        found = [checked(benchmark, read) for benchmark in chosen(names)]
    heads = ["benchmark", "data set, revision", "rows", "digest", "verdict"]
    title = read.label
    Console().print(table(Cells(heads, list(map(row, found)), wordy=frozenset(heads)), title))
    for each in found:
        for problem in each.problems:
            shared.tell(f"{each.benchmark}: {problem}", err=True)
    raise typer.Exit(2 if any(each.problems for each in found) else 0)


def row(found: "Checked") -> list[str]:
    """A line of the table."""
    rows = "\n".join(f"{split} {count:,}" for split, count in found.rows.items())
    if (origin := found.origin) is None:
        return [found.benchmark, found.dataset, "-", "-", "unreadable"]
    verdict = "differs" if found.problems else "as expected"
    name = f"{origin.id}\n{origin.revision[:12]}".strip()
    return [found.benchmark, name, rows, found.digest, "\n".join((verdict, *found.notes))]


def chosen(names: list[str] | None) -> "list[Benchmark]":
    """The benchmarks named, else all that read a data set."""
    from evaluator.benchmarks import BENCHMARKS, benchmark
    from evaluator.data.table import table
    from evaluator.errors import UsageError

    found = [benchmark(name) for name in names or BENCHMARKS]
    for each in found:
        if each.data_set not in table():
            raise UsageError(f"{each.name} reads a file of your own, and no data set")
    return found
