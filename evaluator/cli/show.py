"""`evaluator list` and `evaluator report`: what there is, and what a run came to."""

from pathlib import Path
from typing import Annotated

import typer


def list_benchmarks(
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for programs.")] = False,
) -> None:
    """Show the benchmarks."""
    if as_json:
        typer.echo(json_list())
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


def report(folder: Annotated[Path, typer.Argument(metavar="RUN", help="A run's folder.")]) -> None:
    """Make a run's report again from its files, and show it."""
    from rich.console import Console

    if (folder / "perf.json").exists():
        from evaluator.perf.report.render import rewrite
        from evaluator.perf.report.render import terminal as perf_terminal

        Console().print(perf_terminal(rewrite(folder)))
        return
    from evaluator.report.terminal import terminal
    from evaluator.runs.folder import write_report

    Console().print(terminal(write_report(folder)))
