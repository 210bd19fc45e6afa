"""`evaluator score`: recorded replies, without any server."""

from pathlib import Path
from typing import Annotated

import typer
from typer import Option

MOST_IDS = 20  # ids named in a message


def score(
    benchmark: Annotated[str, typer.Argument(help="Name; see `list`.")],
    responses: Annotated[Path, Option(help='JSONL of {"id", "response"}.')],
    model: Annotated[str, Option(help="Name for the report.")] = "recorded",
    data_dir: Annotated[Path | None, Option(help="Local mirror of the data sets.")] = None,
    data: Annotated[str | None, Option(help="hub, modelscope or builtin.")] = None,
    out: Annotated[Path | None, Option(help="Folder of the run. [runs/scored-FILE]")] = None,
    max_errors: Annotated[float | None, Option(help="Missing replies to bear.")] = None,
) -> None:
    """Score recorded replies, without any server.  An id is a sample's, or its row number."""
    from rich.console import Console

    from evaluator.report.terminal import terminal
    from evaluator.run import exit_code
    from evaluator.score import score as score_replies
    from evaluator.settings import settings

    given = {"benchmarks": [benchmark], "model": model, "replay": True, "progress": "none"}
    options = {"data_dir": data_dir, "data": data, "max_errors": max_errors}
    given |= {key: value for key, value in options.items() if value is not None}
    chosen = settings({**given, "out": out or Path("runs") / f"scored-{responses.stem}"})
    scored = score_replies(chosen, responses, Console(stderr=True))
    Console().print(terminal(scored.report))
    for what, ids in (("samples without a reply", scored.missing), ("unknown ids", scored.unknown)):
        if ids:
            shown = ", ".join(ids[:MOST_IDS]) + (", ..." if len(ids) > MOST_IDS else "")
            typer.echo(f"{len(ids)} {what}: {shown}", err=True)
    typer.echo(f"results in {chosen.out}/")
    raise typer.Exit(exit_code(scored.report, chosen))
