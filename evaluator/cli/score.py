"""`evaluator score`: recorded replies, without any server."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer import Option

from evaluator.cli.shared import tell

if TYPE_CHECKING:
    from evaluator.options.settings import Settings

Found = tuple[dict[str, Any], dict[str, list[str]]]

MOST_IDS = 20  # ids named in a message


def score(
    benchmark: Annotated[str, typer.Argument(help="Name; see `list`.")],
    responses: Annotated[Path | None, Option(help='JSONL of {"id", "response"}.')] = None,
    judgments: Annotated[
        Path | None, Option(help='JSONL of {"question_id", "category", "judgment", ...}.')
    ] = None,
    model: Annotated[str, Option(help="Name for the report.")] = "recorded",
    data_dir: Annotated[Path | None, Option(help="Local mirror of the data sets.")] = None,
    data: Annotated[str | None, Option(help="hub, modelscope or builtin.")] = None,
    out: Annotated[Path | None, Option(help="Folder of the run. [runs/scored-FILE]")] = None,
    max_errors: Annotated[
        float | None, Option(help="Missing replies or unread verdicts to bear.")
    ] = None,
) -> None:
    """Score recorded replies, or a judge's recorded verdicts, without any server.

    An id of a reply is a sample's, or its row number.
    """
    from rich.console import Console

    from evaluator.errors import UsageError
    from evaluator.options.settings import settings
    from evaluator.report.terminal import terminal
    from evaluator.runs.run import exit_code

    recorded = responses or judgments
    if recorded is None or (responses and judgments):
        raise UsageError("give either --responses FILE or --judgments FILE")
    given = {"benchmarks": [benchmark], "model": model, "replay": True, "progress": "none"}
    options = {"data_dir": data_dir, "data": data, "max_errors": max_errors}
    given |= {key: value for key, value in options.items() if value is not None}
    chosen = settings({**given, "out": out or Path("runs") / f"scored-{recorded.stem}"})
    found = of_judgments(chosen, recorded) if judgments else of_responses(chosen, recorded)
    report, listed = found
    Console().print(terminal(report))
    for what, ids in listed.items():
        if ids:
            shown = ", ".join(ids[:MOST_IDS]) + (", ..." if len(ids) > MOST_IDS else "")
            tell(f"{len(ids)} {what}: {shown}", err=True)
    tell(f"results in {chosen.out}/")
    raise typer.Exit(exit_code(report, chosen))


def of_responses(settings: "Settings", path: Path) -> Found:
    """The report on recorded replies, and the ids to list."""
    from rich.console import Console

    from evaluator.runs.score import score

    scored = score(settings, path, Console(stderr=True))
    return scored.report, {
        "samples without a reply": scored.missing,
        "unknown ids": scored.unknown,
    }


def of_judgments(settings: "Settings", path: Path) -> Found:
    """The report on recorded verdicts, and the ids to list."""
    from rich.console import Console

    from evaluator.runs.judgments import reread

    found = reread(settings, path, Console(stderr=True))
    return found.report, {
        "questions without a verdict": found.missing,
        "unknown ids": found.unknown,
        "ids that are there twice, of which the last counts": found.twice,
        "verdicts that read otherwise than the file's own score": found.otherwise,
    }
