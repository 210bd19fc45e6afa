"""`evaluator list`: what there is to measure."""

from typing import TYPE_CHECKING

from evaluator.cli.command import Given, command
from evaluator.cli.shared import tell
from evaluator.errors import UsageError
from evaluator.locale import N_, labels, said
from evaluator.options.commands import ListOptions
from evaluator.options.complaints import read

if TYPE_CHECKING:
    from rich.table import Table

    from evaluator.lm_eval_tasks.index import KnownName
    from evaluator.types import Benchmark

HEADS = labels("benchmark", "size", "shots", "metric", "source, licence, paper")
TOLD = (  # of a benchmark, in JSON
    *("title", "about", "kind", "languages", "topics", "dataset", "size", "shots"),
    *("metric", "scale", "licence", "paper"),
)
MOST_OF_LM_EVAL = 30  # of lm-eval's tasks that are shown


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
    theirs = of_lm_eval(options)
    for of in chosen(options, besides=bool(theirs)):
        kind = " · ".join((of.kind, ", ".join(of.languages), ", ".join(of.topics)))
        about = "\n".join(filter(None, (kind, of.dataset, of.licence, of.paper)))
        size = f"{of.size:,}" if of.size else "-"
        table.add_row(of.name, size, str(of.shots), of.metric, about)
    for row in theirs:
        table.add_row(*row)
    if not (options.language or options.kind or options.topic or options.search):
        add_own(table)
        add_recipes(table)
    Console(markup=False).print(table)  # texts of others may have brackets


def add_own(table: "Table") -> None:
    """Adds what is not of the package: offered by others, or files of the user's."""
    from evaluator.tasks.external import points

    for point in points():
        table.add_row(
            point.name,
            "-",
            "-",
            "-",
            said(N_("offered by an installed package: {value}", value=point.value)),
        )
    for name, rows in (("mcq", "question, A, B, ..., answer"), ("qa", "question, answer")):
        table.add_row(
            f"{name}:FILE", "-", "0", "accuracy", said(N_("your own rows of {rows}", rows=rows))
        )
    table.add_row(
        "lm-eval:TASK",
        "-",
        "-",
        "-",
        said(N_("a task, group or tag of lm-eval: --search TEXT finds one")),
    )
    table.add_row(
        "FILE.py:NAME", "-", "-", "-", said(N_("a Benchmark of your own, also package.module:NAME"))
    )


def add_recipes(table: "Table") -> None:
    """Adds the recipes, which name several of them."""
    from evaluator.options.recipes import about, recipes

    for name, file in recipes().items():
        table.add_row(name, "-", "-", "recipe", f"--config {name}\n{about(file)}")


def of_lm_eval(options: ListOptions) -> list[list[str]]:
    """Rows of lm-eval's tasks with the text that is searched; of many, those of short names."""
    found = searched(options)
    rows = []
    for name, of in list(found.items())[:MOST_OF_LM_EVAL]:
        refused = of.refused and said(N_("refused: {reason}", reason=of.refused))
        about = [said(N_("{kind} of lm-eval", kind=kind_of(of))), of.data, refused]
        rows.append([f"lm-eval:{name}", "-", "-", "-", "\n".join(filter(None, about))])
    if (more := len(found) - len(rows)) > 0:
        told = said(N_("with a longer text, or --json"))
        rows.append([said(N_("... and {more:,} more", more=more)), "-", "-", "-", told])
    return rows


def searched(options: ListOptions) -> "dict[str, KnownName]":
    """What lm-eval has of the text that is searched; it tells no language, kind or topic."""
    if not options.search or options.language or options.kind or options.topic:
        return {}
    from evaluator.lm_eval_tasks.index import search

    return search(options.search)


def kind_of(name: "KnownName") -> str:
    """Task, group or tag."""
    return name.kind.lower().replace("py_", "")


def chosen(options: ListOptions, besides: bool = False) -> "list[Benchmark]":
    """The benchmarks of the package that the options ask for.

    Raises UsageError for none, where there is nothing `besides`.
    """
    from evaluator.benchmarks import BENCHMARKS

    sought = options.search.casefold()
    found = [
        each
        for each in BENCHMARKS.values()
        if options.language in (None, *each.languages)
        and options.kind in (None, each.kind)
        and options.topic in (None, *each.topics)
        and sought in "\n".join((each.name, each.title, each.dataset, *each.topics)).casefold()
    ]
    if not found and not besides:
        raise UsageError(N_("no benchmark is so; `evaluator list` without options shows them all"))
    return found


def json_list(options: ListOptions) -> str:
    """The benchmarks of the table, as JSON, and all of lm-eval's that were found."""
    import orjson

    theirs = searched(options)
    rows = [
        {"name": of.name}
        | {key: getattr(of, key) for key in TOLD}
        | {"modes": ["generate", *of.modes]}
        for of in chosen(options, besides=bool(theirs))
    ]
    rows += [
        {"name": f"lm-eval:{name}", "of_lm_eval": kind_of(of), "dataset": of.data}
        | ({"refused": of.refused} if of.refused else {})
        for name, of in theirs.items()
    ]
    return orjson.dumps(rows, option=orjson.OPT_INDENT_2).decode()


app = command("list", list_benchmarks, ListOptions)
