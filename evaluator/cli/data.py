"""`evaluator data`: where the data sets come from, whether they are whole, and a mirror of them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import cyclopts

from evaluator.cli.command import Action, Given, command
from evaluator.cli.panels import Panels, usage_line
from evaluator.cli.shared import tell
from evaluator.locale import N_, joined, labels, said
from evaluator.options.commands import DataCheckOptions, DataListOptions, FetchOptions
from evaluator.options.complaints import read
from evaluator.options.declared import OptionGroup

if TYPE_CHECKING:
    from evaluator.data.checking import Checked
    from evaluator.data.table import DataSet
    from evaluator.types import Benchmark


def list_sources(_given: Given) -> None:
    """Shows where each data set comes from."""
    from rich.console import Console

    from evaluator.data.table import table as data_sets
    from evaluator.report.tables import Cells
    from evaluator.report.terminal import table

    rows = []
    for benchmark in chosen([]):
        known = data_sets()[benchmark.data_set]
        there = "\n".join(f"{split} {count:,}" for split, count in known.rows.items())
        rows.append([benchmark.name, "\n".join(places(known, benchmark)), there, known.licence])
    heads = labels("benchmark", "where", "rows", "licence")
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


def fetch(given: Given) -> None:
    """Fills a folder that --data-dir reads, on a machine without a network too."""
    from rich.console import Console

    from evaluator.dashboard.fetching import fetching
    from evaluator.data import source
    from evaluator.data.mirroring import mirror
    from evaluator.errors import UsageError

    options = read(FetchOptions, given)
    datasets = list(dict.fromkeys(each.data_set for each in chosen(options.names)))
    data_dir = options.data_dir
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            N_(
                "--data-dir {data_dir!r}: {strerror}",
                data_dir=str(data_dir),
                strerror=error.strerror,
            )
        ) from error
    with fetching(Console(stderr=True), "auto") as listener:
        there = source(name=options.origin or "hub", listener=listener)
        there.prepare(datasets)
    for dataset in datasets:
        done = mirror(dataset, data_dir, there, options.update)
        files = done.manifest.files
        size = sum(file.bytes for file in files) / 1e6
        origin = there.origin(dataset)
        tell(
            N_(
                "{dataset}: {rows:,} {rows:row|rows}, {count} {count:file|files}, {size:.1f} MB, "
                "{origin}; licence: {licence}",
                dataset=dataset,
                rows=sum(file.rows for file in files),
                count=len(files),
                size=size,
                origin=N_("from {origin}", origin=origin)
                if done.fresh
                else N_("unchanged from {origin}", origin=origin),
                licence=done.manifest.licence,
            )
        )
    tell(N_("read them with --data-dir {data_dir}", data_dir=data_dir))


def check(given: Given) -> int:
    """Compares the data sets with what is known of them; 2 where anything differs."""
    from rich.console import Console

    from evaluator.dashboard.fetching import fetching
    from evaluator.data import source
    from evaluator.data.checking import check as checked
    from evaluator.options.parts import usual_data_dir
    from evaluator.report.tables import Cells
    from evaluator.report.terminal import table

    options = read(DataCheckOptions, given)
    folder = options.data_dir or (None if options.origin else usual_data_dir())
    with fetching(Console(stderr=True), "auto") as listener:
        there = source(folder, options.origin, listener)
        found = [checked(benchmark, there) for benchmark in chosen(options.names)]
    heads = labels("benchmark", "data set, revision", "rows", "digest", "verdict")
    title = there.label
    Console().print(table(Cells(heads, list(map(row, found)), wordy=frozenset(heads)), title))
    for each in found:
        for problem in each.problems:
            tell(N_("{benchmark}: {problem}", benchmark=each.benchmark, problem=problem), err=True)
    return 2 if any(each.problems for each in found) else 0


def row(found: "Checked") -> list[str]:
    """A line of the table."""
    rows = "\n".join(f"{split} {count:,}" for split, count in found.rows.items())
    if (origin := found.origin) is None:
        return [found.benchmark, found.dataset, "-", "-", N_("unreadable")]
    verdict = N_("differs") if found.problems else N_("as expected")
    name = f"{origin.id}\n{origin.revision[:12]}".strip()
    return [found.benchmark, name, rows, found.digest, joined("\n", (verdict, *found.notes))]


def chosen(names: list[str]) -> "list[Benchmark]":
    """The benchmarks named, else all that read a data set."""
    from evaluator.benchmarks import BENCHMARKS, benchmark
    from evaluator.data.table import table
    from evaluator.errors import UsageError

    found = [benchmark(name) for name in names or BENCHMARKS]
    for each in found:
        if each.data_set not in table() and names:
            raise UsageError(N_("{name} has rows of its own, and no data set", name=each.name))
    return [each for each in found if each.data_set in table()]


COMMANDS: dict[str, tuple[str, Action, type[OptionGroup]]] = {
    "list": (N_("Show where each data set comes from."), list_sources, DataListOptions),
    "fetch": (
        N_(
            "Fill a folder that --data-dir reads, on a machine without a network too.\n\n"
            "Running the same command again goes on where it was interrupted."
        ),
        fetch,
        FetchOptions,
    ),
    "check": (
        N_(
            "Read the data sets whole, and compare them with what is known of them.\n\n"
            "A mirror's files are compared with its manifest too. "
            "Exit code 2 where anything differs."
        ),
        check,
        DataCheckOptions,
    ),
}
app = cyclopts.App(
    name="data",
    usage=usage_line("data", "COMMAND", "[OPTIONS]"),
    help_format="plaintext",
    help_formatter=Panels(),
    group_commands=cyclopts.Group(said(N_("Commands"))),
    result_action="return_value",
)
for name, (summary, action, model) in COMMANDS.items():
    app.command(command(name, action, model, of="data", summary=summary))


@app.default
def no_command() -> int:
    """Shows what there is; a command was expected."""
    app.help_print([])
    return 2
