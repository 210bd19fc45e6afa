"""`evaluator score`: recorded replies, without any server."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer import Option

from evaluator.cli.shared import tell

if TYPE_CHECKING:
    from evaluator.options.settings import Settings
    from evaluator.results.report import RunReport

Found = tuple["RunReport", dict[str, list[str]]]

MOST_IDS = 20  # ids named in a message


def score(
    benchmark: Annotated[str, typer.Argument(help="Name; see `list`.")],
    responses: Annotated[Path | None, Option(help='JSONL of {"id", "response"}.')] = None,
    judgments: Annotated[
        Path | None, Option(help='JSONL of {"question_id", "category", "judgment", ...}.')
    ] = None,
    model: Annotated[str | None, Option(help="Name for the report. [recorded]")] = None,
    model_id: Annotated[
        str | None, Option(help="Only the file's lines of this model, where it has several.")
    ] = None,
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
    from evaluator.options.settings import one_source, settings
    from evaluator.report.terminal import terminal
    from evaluator.runs.run import exit_code

    recorded = responses or judgments
    if recorded is None or (responses and judgments):
        raise UsageError("give either --responses FILE or --judgments FILE")
    name = model or model_id or "recorded"
    given = {"benchmarks": [benchmark], "model": name, "replay": True, "progress": "none"}
    options = {"data_dir": data_dir, "data": data, "max_errors": max_errors}
    given |= {key: value for key, value in options.items() if value is not None}
    one_source(given)
    chosen = settings({**given, "out": out or Path("runs") / folder(recorded, model_id)})
    read = of_judgments if judgments else of_responses
    report, listed = read(chosen, recorded, model_id or "")
    Console().print(terminal(report))
    for what, ids in listed.items():
        if ids:
            shown = ", ".join(ids[:MOST_IDS]) + (", ..." if len(ids) > MOST_IDS else "")
            tell(f"{len(ids)} {what}: {shown}", err=True)
    tell(f"results in {chosen.out}/")
    raise typer.Exit(exit_code(report, chosen))


def folder(recorded: Path, model_id: str | None) -> str:
    """The folder of a file's scores; each of its models has its own."""
    of_one = f"-{model_id.strip('/').rsplit('/', 1)[-1]}" if model_id else ""
    return f"scored-{recorded.stem}{of_one}"


def of_responses(settings: "Settings", path: Path, model_id: str) -> Found:
    """The report on recorded replies, and the ids to list."""
    from rich.console import Console

    from evaluator.runs.score import score

    scored = score(settings, path, Console(stderr=True), model_id)
    return scored.report, {
        "samples without a reply": scored.missing,
        "unknown ids": scored.unknown,
    }


def of_judgments(settings: "Settings", path: Path, model_id: str) -> Found:
    """The report on recorded verdicts, and the ids to list."""
    from rich.console import Console

    from evaluator.runs.judgments import reread

    found = reread(settings, path, Console(stderr=True), model_id)
    return found.report, {
        "questions without a verdict": found.missing,
        "unknown ids": found.unknown,
        "ids that are there twice, of which the last counts": found.twice,
        "verdicts that read otherwise than the file's own score": found.otherwise,
    }
