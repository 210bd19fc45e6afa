"""`evaluator list`: what there is to measure."""

from evaluator.cli.command import Given, command
from evaluator.cli.shared import tell
from evaluator.options.commands import ListOptions
from evaluator.options.complaints import read


def list_benchmarks(given: Given) -> None:
    """Shows the benchmarks."""
    if read(ListOptions, given).as_json:
        tell(json_list())
        return
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    from evaluator.benchmarks import BENCHMARKS
    from evaluator.tasks.external import points

    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0))
    table.add_column("benchmark", style="bold")
    table.add_column("size", justify="right")
    table.add_column("shots", justify="right")
    table.add_column("metric", max_width=12)
    table.add_column("source, licence, paper", overflow="fold")
    for name, of in BENCHMARKS.items():
        about = "\n".join(filter(None, (of.dataset, of.licence, of.paper)))
        size = f"{of.size:,}" if of.size else "-"
        table.add_row(name, size, str(of.shots), of.metric, about)
    for point in points():
        table.add_row(point.name, "-", "-", "-", f"offered by an installed package: {point.value}")
    for name, rows in (("mcq", "question, A, B, ..., answer"), ("qa", "question, answer")):
        table.add_row(f"{name}:FILE", "-", "0", "accuracy", f"your own rows of {rows}")
    table.add_row(
        "FILE.py:NAME", "-", "-", "-", "a Benchmark of your own, also package.module:NAME"
    )
    Console().print(table)


def json_list() -> str:
    """The benchmarks of the table, as JSON."""
    import orjson

    from evaluator.benchmarks import BENCHMARKS

    told = ("title", "dataset", "size", "shots", "metric", "scale", "licence", "paper")
    rows = [
        {"name": name, **{key: getattr(of, key) for key in told}, "modes": ["generate", *of.modes]}
        for name, of in BENCHMARKS.items()
    ]
    return orjson.dumps(rows, option=orjson.OPT_INDENT_2).decode()


app = command("list", list_benchmarks, ListOptions)
