"""`evaluator compare`: what models gained and forgot against a base."""

from pathlib import Path
from typing import Annotated

import typer
from typer import Option

from evaluator.cli.shared import tell


def compare(
    base: Annotated[Path, typer.Argument(metavar="BASE", help="Run of the base model.")],
    others: Annotated[list[Path], typer.Argument(metavar="OTHER...", help="Runs to compare.")],
    out: Annotated[Path | None, Option(help="Folder. [compare-BASE-OTHER beside BASE]")] = None,
    force: Annotated[bool, Option("--force", help="Pair runs that differ in settings.")] = False,
    margin: Annotated[float, Option(min=0, max=100, help="Points of 100 that matter.")] = 5.0,
    noise_floor: Annotated[
        int, Option(min=0, help="Ask so many samples of each run again; its server must be up.")
    ] = 0,
) -> None:
    """Compare runs with a base, sample by sample: what was gained, what was forgotten, and why."""
    from rich.console import Console

    from evaluator.comparison import compare as compare_runs
    from evaluator.comparison import default_folder, write
    from evaluator.comparison.terminal import terminal

    if noise_floor:
        from evaluator.runs.rerun import ask_again

        for folder in (base, *others):
            ask_again(folder, noise_floor, Console(stderr=True))
    comparison = compare_runs(base, others, force, margin / 100)
    folder = out or default_folder(base, comparison)
    write(comparison, folder)
    Console().print(terminal(comparison))
    tell(f"results in {folder}/")
