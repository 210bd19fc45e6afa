"""`evaluator list` and `evaluator report`: what there is, and what a run came to."""

from pathlib import Path
from typing import Annotated

import typer


def list_benchmarks() -> None:
    """Show the benchmarks."""
    from evaluator.benchmarks import BENCHMARKS

    for name, b in BENCHMARKS.items():
        typer.echo(f"{name:<10}{b.title} · {b.shots} shots · {b.metric} · {b.licence}")
        typer.echo(f"{'':<10}{b.dataset} · {b.paper}")


def report(folder: Annotated[Path, typer.Argument(metavar="RUN", help="A run's folder.")]) -> None:
    """Make a run's report again from its files, and show it."""
    from rich.console import Console

    from evaluator.report.terminal import terminal
    from evaluator.run import write_report

    Console().print(terminal(write_report(folder)))
