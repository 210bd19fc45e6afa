"""`evaluator show`: single samples of a run, as they were asked, answered and read."""

from pathlib import Path
from typing import Annotated

import typer
from typer import Option

from evaluator.cli.shared import tell


def samples(
    folder: Annotated[Path, typer.Argument(metavar="RUN", help="A run's folder.")],
    wrong: Annotated[bool, Option("--wrong", help="Those that were not right.")] = False,
    unread: Annotated[bool, Option("--unread", help="Those without a readable answer.")] = False,
    forgotten: Annotated[
        Path | None, Option(metavar="BASE", help="Those that the run BASE did better.")
    ] = None,
    ids: Annotated[list[str] | None, Option("--id", help="That one; repeat it for more.")] = None,
    benchmark: Annotated[list[str] | None, Option(help="Of that benchmark alone.")] = None,
    limit: Annotated[int | None, Option(min=1, help="So many at most.")] = None,
    whole: Annotated[bool, Option("--whole", help="Prompts with what all begin with.")] = False,
) -> None:
    """Show a run's samples: question, reply, what was read in it, and what it was worth."""
    from evaluator.runs.show import Choice, chosen, shown

    choice = Choice(wrong, unread, forgotten, tuple(ids or ()), tuple(benchmark or ()))
    count = 0
    for count, sample in enumerate(chosen(folder, choice), 1):
        tell("\n".join(shown(sample, whole)))
        if count == limit:
            break
    if not count:
        tell(f"no such sample in {folder}", err=True)
